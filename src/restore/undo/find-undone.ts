import { readJob, readJobs } from '../../jobs/read-jobs.ts';
import {
  hasRestored,
  isInterruptedSwap,
  isReplacing,
  isUnderWay,
  type Job,
  mayHaveChanged,
} from '../../jobs/record/job.ts';
import { wayOutOf } from '../../jobs/record/in-place-journal.ts';
import { DbBackupError } from '../../run/errors.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { untrustedRestore } from '../recover/untrusted-restore.ts';

/**
 * The restore to undo, and the directory that it is kept in.
 *
 * @param id Or a unique beginning of it; undefined: the last restore that has changed the database.
 * @param database undefined: whichever the directory has restores of, if it is one.
 * @throws {DbBackupError} `not-found`: there is none, or it has changed nothing; `usage`: it is no restore, or there are
 *   those of several databases; `locked`: it still runs; `failed`: it has to be completed or rolled back first.
 */
export async function findUndone(
  {
    directory,
    id,
    database,
  }: { readonly directory: string; readonly id: string | undefined; readonly database: string | undefined },
  runtime: Runtime,
): Promise<{ readonly job: Job; readonly directory: string }> {
  if (id === undefined) return { job: await lastRestore(directory, database, runtime), directory };
  const found = await readJob({ directory, id }, runtime);
  refuseUnfit(found.job, found.directory, runtime);
  return found;
}

async function lastRestore(directory: string, database: string | undefined, runtime: Runtime): Promise<Job> {
  const restores = (await readJobs(directory, runtime)).filter(
    (job) => mayHaveChanged(job) && (database === undefined || job.database === database),
  );
  const databases = [...new Set(restores.map((job) => job.database))];
  const [last] = restores;
  if (last === undefined) {
    const of = database === undefined ? '' : ` of ${database}`;
    throw new DbBackupError('not-found', `There is no restore${of} to undo in ${directory}.`, {
      hint: `The restores of this backup directory (another one: --dir <folder>):\n${furtherCommand(directory, 'status', [], [], runtime.program)}`,
    });
  }
  if (databases.length > 1) {
    const lines = databases.map((name) => {
      const job = restores.find((each) => each.database === name)?.id ?? '';
      return `${name}: ${furtherCommand(directory, 'undo', [job], [], runtime.program)}`;
    });
    throw new DbBackupError('usage', `There are restores of several databases in ${directory}.`, {
      hint: `Name the one to undo:\n${lines.join('\n')}`,
    });
  }
  refuseUnfit(last, directory, runtime);
  return last;
}

function refuseUnfit(job: Job, directory: string, { program }: Runtime): void {
  const { id, operation, database, state, untrusted } = job;
  if (operation !== 'restore')
    throw new DbBackupError('usage', `The job ${id} is not a restore (${operation} of ${database}).`);
  if (isUnderWay(job)) throw new DbBackupError('locked', `The restore ${id} of ${database} still runs.`);
  if (untrusted !== undefined) throw untrustedRestore(job, untrusted, { directory, program });
  if (isInterruptedSwap(job)) {
    const resume = furtherCommand(directory, 'restore', [], ['--resume', id], program);
    throw new DbBackupError('failed', `The restore ${id} of ${database} was interrupted.`, {
      hint: `First complete it or roll it back:\n${job.swap.resumeCommand ?? resume}`,
    });
  }
  if (mayHaveChanged(job) && !hasRestored(job))
    throw new DbBackupError(
      'failed',
      `The restore ${id} of ${database} has not come to its end (${state}).`,
      {
        hint: isReplacing(job)
          ? wayOutOf(job.replacing, database)
          : (job.error?.hint ??
            `What it left, and what to do:\n${furtherCommand(directory, 'status', [id], [], program)}`),
      },
    );
  if (!hasRestored(job))
    throw new DbBackupError('not-found', `The restore ${id} of ${database} (${state}) has nothing to undo.`);
}
