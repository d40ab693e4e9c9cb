import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import type { Backup } from '../backups/record/backup.ts';
import type { Job } from './record/job.ts';

/** Somebody made it as a backup; a database that was only restored into has nothing but safety backups. */
export function isBackupOfItsOwn({ label }: Pick<Backup, 'label'>): boolean {
  return label !== SAFETY_LABEL;
}

/** A create that did not merely find no such database, as after a typing error. */
export function isCreateOfDatabase({ operation, database, error }: Job): boolean {
  return operation === 'create' && database !== '' && error?.code !== 'not-found';
}

/** Whether somebody backs a database up: by its backups and its jobs. */
export function isBackedUp(backups: readonly Pick<Backup, 'label'>[], jobs: readonly Job[]): boolean {
  return backups.some(isBackupOfItsOwn) || jobs.some(isCreateOfDatabase);
}
