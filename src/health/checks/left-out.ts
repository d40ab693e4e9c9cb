import { backupReference } from '../../backups/record/backup.ts';
import { namedBroken } from '../../sql/definitions/broken-object.ts';
import type { Check, Verdict } from '../check.ts';
import { completeBackups } from '../history/history.ts';

const NAME = 'left-out';

/** Whether the newest complete backup lacks tables or views that the server could not open (`--skip-broken`). */
export const leftOut: Check = {
  name: NAME,
  judge: ({ history: { databases }, commandHere }) =>
    databases.flatMap((history): readonly Verdict[] => {
      const [newest] = completeBackups(history);
      if (newest === undefined) return [];
      const { database } = history;
      const reference = backupReference(newest);
      const broken = newest.manifest.skippedBroken ?? [];
      if (broken.length === 0)
        return [{ level: 'ok', check: NAME, database, message: `${reference} has all tables and views.` }];
      return [
        {
          ...{ level: 'warning', check: NAME, database },
          message: `${reference} lacks what the server could not open: ${namedBroken(broken)}.`,
          fix: [
            'Repair or drop it on the server, then make a new backup:',
            commandHere('create', [database], ['--label', newest.manifest.label]),
          ],
        },
      ];
    }),
};
