import { inOneLine } from '../../run/errors.ts';
import { isUnderWay, type Job } from '../../jobs/record/job.ts';
import type { Check, Verdict } from '../check.ts';

const NAME = 'last-run';

/** Whether the last run of create succeeded. A backup that is too old is told by `age`. */
export const lastRun: Check = {
  name: NAME,
  judge: ({ history: { databases }, commandHere }) =>
    databases.flatMap(({ database, creates }): readonly Verdict[] => {
      const last = creates.find(saysHowItIs);
      if (last === undefined) return [];
      const at = `${last.startedAt.slice(0, 19).replace('T', ' ')} UTC`;
      if (last.state === 'succeeded')
        return [
          {
            level: 'ok',
            check: NAME,
            database,
            message: `The last backup run of ${database} succeeded (${at}).`,
          },
        ];
      const why = last.error === undefined ? '' : `: ${inOneLine({ hint: undefined, ...last.error })}`;
      return [
        {
          ...{ level: 'warning', check: NAME, database },
          message: `The last backup run of ${database} ${WORDS[last.state]} (${at})${why}`.replace(
            /(?<!\.)$/,
            '.',
          ),
          fix: [commandHere('status', [last.id], ['--log'])],
        },
      ];
    }),
};

const WORDS: Readonly<Record<Job['state'], string>> = {
  accepted: 'is starting',
  running: 'is running',
  succeeded: 'succeeded',
  failed: 'failed',
  'timed-out': 'reached its time limit',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
};

/** Not one that runs, that was refused because another one ran, or that somebody cancelled. */
function saysHowItIs(job: Job): boolean {
  return !isUnderWay(job) && job.error?.code !== 'locked' && job.state !== 'cancelled';
}
