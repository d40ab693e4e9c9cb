import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReplacing } from '../../src/jobs/record/job.ts';
import type { Job, ReplacingJob } from '../../src/jobs/record/job.ts';
import type { SwapStep } from '../../src/jobs/record/swap-journal.ts';
import type { RunningDbbackup } from './dbbackup.ts';
import { workspace } from './workspace.ts';

/** Restores of the test whose swap is not over, by their state files; running ones too. */
export async function unsettledJobs(): Promise<readonly Job[]> {
  return unsettledJobsIn((await workspace()).backups);
}

/** The same for any backup directory. */
export function unsettledJobsIn(backups: string): readonly Job[] {
  return jobsIn(backups).filter(({ swap }) => swap !== undefined);
}

/** Restores whose previous tables are kept. */
export function keepingJobsIn(backups: string): readonly Job[] {
  return jobsIn(backups).filter(({ kept }) => kept !== undefined);
}

/** Restores in place of the test that may have left their target neither old nor new; running ones too. */
export async function replacingJobs(): Promise<readonly ReplacingJob[]> {
  return jobsIn((await workspace()).backups).filter(isReplacing);
}

/** The account that loads the rows of a run, while it is there. */
export async function loadAccountOf(run: Pick<RunningDbbackup, 'pid'>): Promise<string | undefined> {
  const jobs = jobsIn((await workspace()).backups).filter((job) => job.process.pid === run.pid);
  return jobs.find((job) => job.loadAccount !== undefined)?.loadAccount;
}

function jobsIn(backups: string): readonly Job[] {
  const folder = join(backups, '.jobs');
  return namesIn(folder).flatMap((name) => jobAt(join(folder, name)) ?? []);
}

/** undefined when it is gone: a run that begins removes the oldest of many. */
function jobAt(path: string): Job | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Job;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Waits until the journal of a run says that it has come to a step.
 *
 * @param directory Its backup directory; the test's by default.
 * @returns false when the run ended, or passed the step, unseen.
 */
export async function comesTo(
  step: SwapStep,
  run: Pick<RunningDbbackup, 'pid' | 'finished'>,
  directory?: string,
): Promise<boolean> {
  const backups = directory ?? (await workspace()).backups;
  const ended = { yet: false };
  void run.finished.then(() => (ended.yet = true));
  while (!ended.yet) {
    const jobs = unsettledJobsIn(backups);
    if (jobs.some((job) => job.process.pid === run.pid && job.swap?.step === step)) return true;
    await sleep(1);
  }
  return false;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^\w+\.json$/.test(name));
  } catch {
    return []; // no job yet
  }
}
