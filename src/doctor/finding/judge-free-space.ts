import type { FindingLevel } from './finding.ts';

/** A restore makes a backup first, and the next one is soon due. */
const COMFORT = 3;

/** Whether there is room for backups as large as the last ones. */
export function judgeFreeSpace(freeBytes: number, lastBackupsBytes: number): FindingLevel {
  if (freeBytes < lastBackupsBytes) return 'problem';
  return freeBytes < COMFORT * lastBackupsBytes ? 'warning' : 'ok';
}
