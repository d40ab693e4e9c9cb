import { withDirectory } from '../../backups/directory/stand-in-directory.ts';
import type { FoundJob } from '../../jobs/read-jobs.ts';
import { wayOutOf } from '../../jobs/record/in-place-journal.ts';
import {
  hasRestored,
  isInterruptedSwap,
  isReplacing,
  isUnderWay,
  type Job,
  mayHaveChanged,
  type Untrusted,
} from '../../jobs/record/job.ts';
import { untrustedText, wayOutOfUntrusted } from '../../jobs/record/untrusted-job.ts';
import { commandAs } from '../../files/ownership.ts';
import { DbBackupError } from '../../run/errors.ts';
import { commandText, furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { untrustedRestore } from '../recover/untrusted-restore.ts';
import { undosOf, unsettledUndoOf } from './other-restores.ts';

/** How a further command reaches what this run would have. */
export interface Reaching extends Pick<Runtime, 'program'> {
  /** Arguments with which a further command reaches the same directory and server. */
  readonly sameServer: readonly string[];
}

/**
 * Refuses what is no restore, or has changed nothing, or is not over.
 *
 * @throws {DbBackupError} as `findUndone`.
 */
export function refuseUnfit({ job, directory }: FoundJob, reaching: Reaching): void {
  const { program } = reaching;
  const { id, operation, database, state, untrusted } = job;
  const what = shownName(job);
  if (operation !== 'restore')
    throw new DbBackupError('usage', `The job ${id} is not a restore (${operation} of ${database}).`);
  if (isUnderWay(job)) throw new DbBackupError('locked', `The ${what} still runs.`);
  if (untrusted !== undefined) throw notBelieved({ job, directory }, untrusted, reaching);
  if (isInterruptedSwap(job)) {
    const resume = commandFor('restore', [], ['--resume', id], directory, reaching);
    throw new DbBackupError('failed', `The ${what} was interrupted.`, {
      hint: `First complete it or roll it back:\n${job.swap.resumeCommand ?? resume}`,
    });
  }
  if (mayHaveChanged(job) && !hasRestored(job))
    throw new DbBackupError('failed', `The ${what} has not come to its end (${state}).`, {
      hint: isReplacing(job)
        ? wayOutOf(job.replacing, database)
        : (job.error?.hint ??
          `What it left, and what to do:\n${furtherCommand(directory, 'status', [id], [], program)}`),
    });
  if (!hasRestored(job)) throw new DbBackupError('not-found', `The ${what} (${state}) has nothing to undo.`);
}

/**
 * Refuses a restore that was undone already: what it had replaced may be there, and would be brought back over what was
 * written since.
 *
 * @param jobs Newest first.
 * @param own The undo that asks, if it is a job already.
 * @throws {DbBackupError} `not-found`, with the command that redoes it; `failed`, `locked` when its undo is not over.
 */
export function refuseUndone(job: Job, jobs: readonly FoundJob[], reaching: Reaching, own?: string): void {
  const undos = undosOf(job, jobs);
  const [first, last] = [undos.at(0), undos.at(-1)];
  const unsettled = unsettledUndoOf(last?.job ?? job, jobs, own);
  if (unsettled !== undefined) refuseUnfit(unsettled, reaching);
  if (first === undefined || last === undefined) return;
  const at = timeOf(last.job);
  const command = commandFor('undo', [last.job.id], [], last.directory, reaching);
  throw undos.length % 2 === 1
    ? new DbBackupError('not-found', `The ${shownName(job)} was undone by ${last.job.id} at ${at}.`, {
        hint: `To redo it:\n${command}`,
      })
    : new DbBackupError(
        'not-found',
        `The ${shownName(job)} was undone by ${first.job.id}, and redone by ${last.job.id} at ${at}.`,
        { hint: `To undo it once more:\n${command}` },
      );
}

/** `restore hw3snywf of shop`, `undo rd5txdjd of hw3snywf` */
function shownName({ id, database, undoes }: Job): string {
  return undoes === undefined ? `restore ${id} of ${database}` : `undo ${id} of ${undoes}`;
}

function timeOf({ finishedAt, startedAt }: Job): string {
  return `${(finishedAt ?? startedAt).slice(0, 19).replace('T', ' ')} UTC`;
}

function commandFor(
  command: string,
  operands: readonly string[],
  options: readonly string[],
  directory: string,
  { program, sameServer }: Reaching,
): string {
  return commandText(command, operands, [...options, ...withDirectory(sameServer, directory)], program);
}

function notBelieved(
  { job, directory }: FoundJob,
  untrusted: Untrusted,
  { program }: Pick<Runtime, 'program'>,
): DbBackupError {
  if (isInterruptedSwap(job)) return untrustedRestore(job, untrusted, { directory, program });
  // That user's own settings lead to the server.
  const as = furtherCommand(directory, 'undo', [job.id], [], program);
  return new DbBackupError(
    'failed',
    `The ${shownName(job)} is not undone because that file says so: ${untrustedText(job, untrusted, directory)}.`,
    {
      hint:
        untrusted.why === 'owner'
          ? `To undo it as that user:\n${commandAs(untrusted.ownerId, as)}`
          : wayOutOfUntrusted(job, untrusted, directory, program),
    },
  );
}
