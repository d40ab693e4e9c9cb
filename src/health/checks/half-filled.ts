import { leftInPlace } from '../../jobs/record/in-place-journal.ts';
import { isReplacing, isUnderWay } from '../../jobs/record/job.ts';
import type { Check, Verdict } from '../check.ts';

const NAME = 'half-filled';

/** Databases that a restore in place has left partly restored. */
export const halfFilled: Check = {
  name: NAME,
  judge({ history: { jobs } }) {
    const found = jobs.flatMap((job): readonly Verdict[] => {
      if (isUnderWay(job) || !isReplacing(job)) return [];
      const { id, database, replacing } = job;
      const message = `The restore ${id} did not complete: ${leftInPlace(database)}`;
      const command = replacing.returnCommand ?? replacing.restoreCommand;
      return [
        { level: 'critical', check: NAME, database, message, fix: command === undefined ? [] : [command] },
      ];
    });
    return found.length > 0
      ? found
      : [{ level: 'ok', check: NAME, message: 'No database is partly restored.' }];
  },
};
