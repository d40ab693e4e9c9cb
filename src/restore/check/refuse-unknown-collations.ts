import { readUnknownCollations } from '../../server/instance/unknown-collations.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { adviceOn } from '../../sql/lexer/collations.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import { DbBackupError } from '../../run/errors.ts';
import { editedOnTheWay } from '../plan/edited-on-the-way.ts';

/** Rows are left alone: a line of them begins with INSERT, REPLACE or a parenthesis, perhaps behind a tab. */
const BUT_ROWS = String.raw`/^[[:space:]]*(INSERT|insert|REPLACE|\()/!`;

/**
 * Refuses a dump with a collation that the server does not have, the commonest failure between MySQL and MariaDB,
 * before anything is touched.
 *
 * @param restoreCommand Restores what its stdin gives, as `dbbackup restore - --to shop`.
 * @throws {DbBackupError} `restore-failed`, with the command that replaces the collation on the way.
 */
export async function refuseUnknownCollations(
  { backup, findings }: { readonly backup: Backup; readonly findings: DumpReport },
  server: Server,
  restoreCommand: string,
): Promise<void> {
  const database = backup.manifest?.collation ?? findings.collation;
  const named = [...findings.collations, ...(database === undefined ? [] : [database.toLowerCase()])];
  const unknown = await readUnknownCollations(server, [...new Set(named)]);
  const [first] = unknown;
  if (first === undefined) return;
  const advice = unknown.map(adviceOn);
  const origin = advice[0]?.origin;
  const which = unknown.length === 1 ? `the collation ${first}` : `these collations: ${unknown.join(', ')}`;
  throw new DbBackupError(
    'restore-failed',
    `The server (${server.version}) does not have ${which}${origin === undefined ? '' : ` of ${origin}`}. Nothing was changed.`,
    {
      hint: advice.every((each) => each !== undefined)
        ? `Restore to a server that has it, or replace it while restoring, outside the rows (text may then sort and compare slightly differently):\n${editedOnTheWay(
            replacing(unknown.map((name, index) => ({ name, by: advice[index]?.replacement ?? name }))),
            backup,
            restoreCommand,
          )}`
        : 'Restore to a server of the version that the backup came from, or newer.',
    },
  );
}

function replacing(names: readonly { readonly name: string; readonly by: string }[]): readonly string[] {
  // The longer first: one may be the beginning of another.
  return [...names]
    .sort((a, b) => b.name.length - a.name.length)
    .map(({ name, by }) => `${BUT_ROWS}s/${name}/${by}/g`);
}
