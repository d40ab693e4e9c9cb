import { backupReference } from '../../backups/record/backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import type { Finding } from '../finding/finding.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { CommandHere } from '../../run/further-command.ts';

/**
 * How the newest backup of each database can be restored.
 *
 * @param backups Newest first.
 */
export function examineBackups(backups: readonly Backup[], commandHere: CommandHere): readonly Finding[] {
  const newest = new Map<string, Backup>();
  for (const backup of backups)
    if (backup.state === 'complete' && backup.label !== SAFETY_LABEL && !newest.has(backup.database))
      newest.set(backup.database, backup);
  return [...newest.values()].flatMap((backup) => {
    const only = backup.manifest?.restoreOnly;
    if (only === undefined) return [];
    const reference = backupReference(backup);
    return [
      {
        level: 'warning',
        check: 'backups',
        database: backup.database,
        message: `${reference} can only be restored in place: ${only.reason}.`,
        why: 'During such a restore other sessions see tables disappear and reappear, and it cannot be rehearsed.',
        fix: [commandHere('restore', [reference], ['--dry-run'])],
      } satisfies Finding,
    ];
  });
}
