import { inOneLine } from '../../run/errors.ts';
import { isUnderWay, type Job } from '../../jobs/record/job.ts';
import { SLIP_FORGOTTEN_MS } from '../../jobs/read-status.ts';
import { failedRunsOfAll } from '../../jobs/record/runs-of-all.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageMs, labelOf, type DatabaseHistory } from '../history/history.ts';

const NAME = 'last-run';

/** A label that nobody has used for so many times the greatest age is in use no longer. */
const IN_USE_AGES = 3;

/** Whether the last run of create succeeded, of each label in use. A backup that is too old is told by `age`. */
export const lastRun: Check = {
  name: NAME,
  judge: (subject) => [
    ...judgeRunsOfAll(subject),
    ...subject.history.databases.flatMap((history) => judgeOne(history, subject)),
  ],
};

/** They are told of once, and not of each database. */
function judgeRunsOfAll(subject: Subject): readonly Verdict[] {
  const { history, thresholds } = subject;
  const { maxAgeMs } = thresholds;
  const limitMs = maxAgeMs === undefined ? SLIP_FORGOTTEN_MS : IN_USE_AGES * maxAgeMs;
  const failed = failedRunsOfAll(history.jobs).filter(
    (job) =>
      (history.label === undefined || job.label === history.label) &&
      ageMs(job.startedAt, history.now) <= limitMs,
  );
  return failed.map((job) => {
    const where = job.server === undefined ? '' : ` on ${job.server}`;
    const named = job.label === undefined ? '' : ` with the label ${job.label}`;
    return {
      ...{ level: 'warning', check: NAME },
      message: outcomeText(job, `The last backup run of all databases${where}${named}`),
      fix: [subject.commandHere('status', [job.id], ['--log'])],
    };
  });
}

function judgeOne(history: DatabaseHistory, subject: Subject): readonly Verdict[] {
  const { database, creates } = history;
  const refusals = countingRefusals(history, subject);
  const telling = creates.filter((job) => saysHowItIs(job) || refusals.includes(job));
  const labels = [...new Set(telling.map(labelOf))].filter((label) => isInUse(label, creates, subject));
  return labels.flatMap((label): readonly Verdict[] => {
    const last = telling.find((job) => labelOf(job) === label);
    if (last === undefined) return [];
    const named = labels.length > 1 && label !== undefined ? ` with the label ${label}` : '';
    const run = `The last backup run of ${database}${named}`;
    if (last.state === 'succeeded')
      return [{ level: 'ok', check: NAME, database, message: `${run} succeeded (${startText(last)}).` }];
    return [
      {
        ...{ level: 'warning', check: NAME, database },
        message: outcomeText(last, run),
        fix: [subject.commandHere('status', [last.id], ['--log'])],
      },
    ];
  });
}

/** @param run `The last backup run of shop`. */
function outcomeText(job: Job, run: string): string {
  const why = job.error === undefined ? '' : `: ${inOneLine({ hint: undefined, ...job.error })}`;
  const outcome = wasRefused(job) ? 'was refused' : WORDS[job.state];
  return `${run} ${outcome} (${startText(job)})${why}`.replace(/(?<!\.)$/, '.');
}

function startText({ startedAt }: Job): string {
  return `${startedAt.slice(0, 19).replace('T', ' ')} UTC`;
}

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
  return !isUnderWay(job) && !wasRefused(job) && job.state !== 'cancelled';
}

function wasRefused({ error, state }: Job): boolean {
  return error?.code === 'locked' && state === 'failed';
}

/**
 * Runs that were refused because another one had the lock, and that no backup has made up for since. A single one may
 * have met what still runs; where nothing provably does, or it happened again, backups have stopped.
 */
function countingRefusals(
  { database, creates }: DatabaseHistory,
  { history: { jobs } }: Subject,
): readonly Job[] {
  const succeeded = creates.filter(({ state }) => state === 'succeeded');
  const lastSuccess = Math.max(
    ...succeeded.map(({ finishedAt, startedAt }) => time(finishedAt ?? startedAt)),
  );
  const refusals = creates.filter((job) => wasRefused(job) && time(job.startedAt) > lastSuccess);
  const isRunning = [...creates, ...jobs].some(
    (job) => job.database === database && isUnderWay(job) && job.unproven === undefined,
  );
  return refusals.length > 1 || !isRunning ? refusals : [];
}

/** The last label always is. */
function isInUse(
  label: string | undefined,
  creates: readonly Job[],
  { history: { now }, thresholds: { maxAgeMs = Infinity } }: Subject,
): boolean {
  const newest = creates.find((job) => labelOf(job) === label);
  if (newest === undefined || newest === creates[0]) return newest !== undefined;
  return ageMs(newest.startedAt, now) <= IN_USE_AGES * maxAgeMs;
}

function time(rfc3339: string): number {
  return new Date(rfc3339).getTime();
}
