import { backupReference } from '../../backups/record/backup.ts';
import type { Check, Verdict } from '../check.ts';
import { completeBackups } from '../history/history.ts';

const NAME = 'copies';

/** Whether the newest complete backup lies elsewhere, too. */
export const copies: Check = {
  name: NAME,
  threshold: 'minCopies',
  judge: ({ history: { databases }, thresholds: { minCopies } }) =>
    databases.flatMap((history): readonly Verdict[] => {
      const [newest] = completeBackups(history);
      if (minCopies === undefined || newest === undefined) return [];
      const { database } = history;
      const places = new Set(newest.manifest.copies?.map(({ where }) => where));
      const count = `${places.size} ${places.size === 1 ? 'copy' : 'copies'}`;
      const message = `${backupReference(newest)} has ${count} elsewhere`;
      if (places.size >= minCopies) return [{ level: 'ok', check: NAME, database, message: `${message}.` }];
      return [{ level: 'warning', check: NAME, database, message: `${message}, fewer than ${minCopies}.` }];
    }),
};
