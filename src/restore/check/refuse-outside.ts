import type { Backup } from '../../backups/record/backup.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { remarkLines, type DumpRemark } from '../../sql/dump-report.ts';
import { againCommandOf } from '../further-commands.ts';
import type { RestoreRequest } from '../request.ts';

/**
 * Refuses a dump whose tables are tied to something beside their database: a foreign key into another one, rows on another
 * server. That is honest where the database was like that, and a way out of it where it was not: only the user can tell.
 *
 * @throws {DbBackupError} `unsafe`, with the lines, and the same restore with the option that takes them.
 */
export function refuseOutside(
  request: Omit<RestoreRequest, 'confirm'>,
  { backup, outside }: { readonly backup: Backup; readonly outside: readonly DumpRemark[] },
  runtime: Runtime,
): void {
  if (outside.length === 0 || request.allowOutside) return;
  throw new DbBackupError(
    'unsafe',
    [
      `${backup.path} has tables that are tied to something outside their database:`,
      ...remarkLines(outside),
    ].join('\n'),
    {
      hint: `Nothing was touched. If the database was like that:\n${againCommandOf(request, backup, { allowOutside: true }, runtime)}`,
    },
  );
}
