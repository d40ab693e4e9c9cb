import { backupReference } from '../../backups/record/backup.ts';
import type { Check, Verdict } from '../check.ts';

const NAME = 'damage';

/** Backups that are damaged, cannot be read, or may be of a half-restored database, as far as their manifests tell. */
export const damage: Check = {
  name: NAME,
  judge: ({ history: { databases }, commandHere }) =>
    databases.flatMap(({ database, backups }): readonly Verdict[] => {
      const bad = backups.flatMap((backup): readonly Verdict[] => {
        const { state, problem = 'unknown' } = backup;
        if (state === 'complete' || state === 'unverified') return [];
        const reference = backupReference(backup);
        const level = state === 'unreadable' ? 'unknown' : 'warning';
        const fix = [commandHere('list', [database])];
        return [{ level, check: NAME, database, message: `${reference} is ${state}: ${problem}.`, fix }];
      });
      if (bad.length > 0 || backups.length === 0) return bad;
      return [
        { level: 'ok', check: NAME, database, message: `No backup of ${database} is known to be damaged.` },
      ];
    }),
};
