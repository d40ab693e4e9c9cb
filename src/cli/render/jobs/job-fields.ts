import { leftInPlace, wayOutOf } from '../../../jobs/record/in-place-journal.ts';
import {
  isReplacing,
  isUnderWay,
  leavesSomething,
  isInterruptedSwap,
  type Job,
  type InterruptedSwap,
} from '../../../jobs/record/job.ts';
import { untrustedText, wayOutOfUntrusted } from '../../../jobs/record/untrusted-job.ts';
import { furtherCommand } from '../../../run/further-command.ts';
import type { Paint } from '../text/paint.ts';
import { percentOf, durationText } from '../text/quantities.ts';
import { safeLines, safeText } from '../text/safe-text.ts';

/** ` on db:3306`; empty for a job of release 0.1.0. */
export function onServer({ server }: Job): string {
  return server === undefined ? '' : ` on ${safeText(server)}`;
}

/** What keeps the job from being told as it is: its file, or its process. */
export function noteText(job: Job, directory: string): string | undefined {
  const { untrusted, unproven } = job;
  if (untrusted !== undefined)
    return `It may not be true: ${safeText(untrustedText(job, untrusted, directory))}.`;
  return unproven && unprovenText(job);
}

function unprovenText(job: Job): string {
  const may = isUnderWay(job) ? 'have ended, although its lock still exists' : 'still be running';
  return `It may ${may}: its process cannot be checked from here.`;
}

/** For a job that ended before its work was complete: the state of things, and what to type. */
export function leftBy(
  job: Job,
  directory: string,
  program: string | undefined,
): { readonly state: string; readonly wayOut: string } | undefined {
  if (isUnderWay(job)) return undefined;
  if (job.untrusted !== undefined && leavesSomething(job)) {
    return {
      state: `${safeText(untrustedText(job, job.untrusted, directory))}, so nothing is done because that file says so.`,
      wayOut: safeLines(wayOutOfUntrusted(job, job.untrusted, directory, program)),
    };
  }
  if (isInterruptedSwap(job)) return { state: leftText(job), wayOut: resumeText(job, directory, program) };
  if (!isReplacing(job)) return undefined;
  const { database, replacing } = job;
  return { state: safeText(leftInPlace(database)), wayOut: safeLines(wayOutOf(replacing, database)) };
}

/** For a job that ended before it had removed the account that loaded its rows. */
export function leftAccountText(job: Job): string | undefined {
  if (isUnderWay(job) || job.loadAccount === undefined) return undefined;
  const account = safeText(job.loadAccount);
  return `${account}, which loaded the rows, may be left on the server; the next restore removes it. Or type: DROP USER IF EXISTS ${account};`;
}

/** The state in which a restore left its target, and what is left on the server. */
function leftText({ database, swap: { step, stage, old } }: InterruptedSwap): string {
  const target = safeText(database);
  switch (step) {
    case 'staging':
      return `${target} is unchanged; the staging schema ${stage} is left on the server.`;
    case 'swapping':
      return `${target} has its old tables or the backup's; it is not known yet which. The others are in ${old} or ${stage}.`;
    case 'finishing':
      return `${target} has the backup's tables; views, routines, triggers and events may be missing. The old tables are in ${old}.`;
    case 'saving':
      return `${target} is restored; what others wrote to it late is being saved, or could not be, from its old tables in ${old}.`;
    case 'clearing':
      return `${target} is restored; its old tables are still on the server, in ${old}.`;
  }
}

function resumeText(
  { id, database, swap }: InterruptedSwap,
  directory: string,
  program: string | undefined,
): string {
  const command = swap.resumeCommand ?? furtherCommand(directory, 'restore', [], ['--resume', id], program);
  return `The next create or restore of ${safeText(database)} completes it or rolls it back. To do it now:\n${safeText(command)}`;
}

export function stateText({ state }: Job, paint: Paint): string {
  switch (state) {
    case 'succeeded':
      return paint.good(state);
    case 'failed':
    case 'timed-out':
    case 'interrupted':
      return paint.bad(state);
    case 'cancelled':
      return paint.caution(state);
    case 'accepted':
    case 'running':
      return state;
  }
}

export function settledText({ settled }: Job): string {
  return settled === undefined ? '' : settled === 'completed' ? ', completed since' : ', rolled back since';
}

export function percentSuffix({ state, progress }: Job): string {
  const percent =
    state === 'running' && progress ? percentOf(progress.doneBytes, progress.totalBytes) : undefined;
  return percent === undefined ? '' : ` ${percent} %`;
}

export function tookText({ startedAt, finishedAt }: Job): string | undefined {
  if (finishedAt === undefined) return undefined;
  return durationText(new Date(finishedAt).getTime() - new Date(startedAt).getTime());
}
