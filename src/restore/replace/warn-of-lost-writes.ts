import type { SharedSession } from '../../server/session/shared-session.ts';
import { readTablesWrittenSince } from '../../server/catalog/table-write-times.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SafetyBackup } from './safety-backup.ts';

const SHOWN_TABLES = 5;

/**
 * Warns when other sessions have written to the tables that a restore replaces since its safety backup began. It cannot
 * be kept from happening, since they are users of the database, and is no reason to undo the restore.
 *
 * @param request.schema Where the tables are that go.
 */
export async function warnOfLostWrites(
  request: {
    readonly target: string;
    readonly schema: string;
    readonly safety: SafetyBackup | undefined;
  },
  session: SharedSession,
  { onProgress }: Pick<Runtime, 'onProgress'>,
): Promise<void> {
  const { target, schema, safety } = request;
  if (safety === undefined) return; // who wants none knows that what the target holds is lost
  let written: readonly string[];
  try {
    written = await readTablesWrittenSince(await session.open(), schema, safety.snapshot.begunAt);
  } catch (error) {
    const message = `Whether other sessions wrote to ${target} in the meantime could not be determined: ${(error as Error).message}`;
    onProgress({ kind: 'detail', message });
    return;
  }
  if (written.length === 0) return;
  const more = written.length > SHOWN_TABLES ? ` and ${written.length - SHOWN_TABLES} more` : '';
  onProgress({
    kind: 'warning',
    message: `Other sessions wrote to ${target} after its safety backup had started: ${written.slice(0, SHOWN_TABLES).join(', ')}${more}. These changes are not in the restored tables, and may not be in the safety backup. If binary logging is on, the changes are in the binary log.`,
  });
}
