import type { Backup } from '../../backups/record/backup.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import { DbBackupError } from '../../run/errors.ts';
import { editedOnTheWay } from '../plan/edited-on-the-way.ts';

/**
 * Refuses a dump of MySQL 4, whose tables say TYPE=MyISAM, before anything is touched: every server would.
 *
 * @param restoreCommand Restores what its stdin gives, as `dbbackup restore - --to shop`.
 * @throws {DbBackupError} `restore-failed`, with the command that replaces it on the way.
 */
export function refuseOldEngine(
  {
    backup,
    findings: { oldEngine },
  }: { readonly backup: Backup; readonly findings: Pick<DumpReport, 'oldEngine'> },
  restoreCommand: string,
): void {
  if (oldEngine === undefined) return;
  throw new DbBackupError(
    'restore-failed',
    `Line ${oldEngine.line} of the dump says TYPE=${oldEngine.engine}, as in MySQL 4; current servers accept only ENGINE=${oldEngine.engine}. Nothing was changed.`,
    { hint: `Replace it while restoring:\n${editedOnTheWay([BEHIND_COLUMNS], backup, restoreCommand)}` },
  );
}

/** The end of a CREATE TABLE is on its own line. */
const BEHIND_COLUMNS = String.raw`/^\)/s/ (TYPE|type)=/ ENGINE=/`;
