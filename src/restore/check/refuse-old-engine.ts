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
    `Line ${oldEngine.line} of the dump says TYPE=${oldEngine.engine}, as MySQL 4 did; servers of today read ENGINE=${oldEngine.engine} only. Nothing was changed.`,
    { hint: `Replace it on the way:\n${editedOnTheWay([BEHIND_COLUMNS], backup, restoreCommand)}` },
  );
}

/** The end of a CREATE TABLE stands on a line of its own. */
const BEHIND_COLUMNS = String.raw`/^\)/s/ (TYPE|type)=/ ENGINE=/`;
