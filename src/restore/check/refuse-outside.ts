import type { Backup } from '../../backups/record/backup.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { DumpRemark } from '../../sql/dump-report.ts';
import { allowingOutsideCommandOf } from '../further-commands.ts';
import type { RestoreRequest } from '../request.ts';

const SHOWN = 5;

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
  const shown = outside.slice(0, SHOWN).map(({ line, text, reason }) => `  line ${line} ${reason}: ${text}`);
  const more = outside.length > SHOWN ? ['  and more'] : [];
  throw new DbBackupError(
    'unsafe',
    [`${backup.path} has tables that are tied to something outside their database:`, ...shown, ...more].join(
      '\n',
    ),
    {
      hint: `Nothing was touched. If the database was like that:\n${allowingOutsideCommandOf(request, backup, runtime)}`,
    },
  );
}
