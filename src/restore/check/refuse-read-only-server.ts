import { isReadOnlyDatabase, readReadOnly } from '../../server/instance/ask-read-only.ts';
import type { Server } from '../../server/connect/server.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { ErrorCode } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import {
  insteadOfReadOnly,
  readOnlyText,
  WRITES_TO_REPLICA,
} from '../../server/instance/read-only-server.ts';

/**
 * Refuses what a read-only server would stop halfway, before there is a job, and before a large backup is read. An
 * unreachable server is left to the next step that needs it.
 *
 * @param purpose What cannot be done: `nothing can be restored into it`.
 * @param database The database to be changed, if any.
 * @throws {DbBackupError} With `code`, naming the setting, and where to go instead.
 */
export async function refuseReadOnlyServer(
  {
    connection,
    purpose,
    database,
    code = 'restore-failed',
  }: {
    readonly connection: Connection;
    readonly purpose: string;
    readonly database?: string | undefined;
    readonly code?: ErrorCode;
  },
  session: SharedSession,
): Promise<void> {
  const server = await session.open().catch((error: unknown) => {
    if (!(error instanceof DbBackupError) || isCancellation(error)) throw error;
    return undefined;
  });
  if (server === undefined) return;
  const readOnly = await readReadOnly(server);
  if (readOnly !== undefined && !readOnly.mayWrite) {
    throw new DbBackupError(
      code,
      `The server at ${describeEndpoint(connection.endpoint)} is ${readOnlyText(readOnly)}, so ${purpose}. Nothing was touched.`,
      { hint: insteadOfReadOnly(readOnly).join('\n') },
    );
  }
  if (database === undefined || !(await isReadOnlyDatabase(server, database))) return;
  throw new DbBackupError(
    code,
    `The database ${database} is read-only on ${describeEndpoint(connection.endpoint)}, so ${purpose}. Nothing was touched.`,
    {
      hint: `Restore into another database with --to <database>, or allow changes to this one:\nALTER DATABASE ${quoteName(database)} READ ONLY = 0;`,
    },
  );
}

/** For the plan, about an account that may write to a read-only server anyway. */
export async function warnOfReadOnly(server: Server): Promise<readonly string[]> {
  const readOnly = await readReadOnly(server);
  if (readOnly === undefined) return [];
  return [`This server is ${readOnlyText(readOnly)}, but not for this account. ${WRITES_TO_REPLICA}`];
}
