import { prepareDirectory } from '../backups/directory/prepare-directory.ts';
import { openJobFile } from './record/job-files.ts';
import { newJobId } from '../run/job-id.ts';
import { identifyProcess } from '../locks/processes.ts';
import { describeEndpoint } from '../server/connect/connection.ts';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError, isCancellation } from '../run/errors.ts';
import { JOB_SCHEMA, subjectOf } from './record/job.ts';
import type { Job, JobResult, JobState, JournalEntry } from './record/job.ts';
import { redactError } from '../run/secret.ts';
import type { ProgressEvent } from '../run/progress.ts';
import type { Runtime } from '../run/runtime.ts';

/** How often the state file follows the progress. */
const SAVE_INTERVAL_MS = 1_000;

/**
 * Runs one operation as a job: with an id, a state file that is always current, and a log.
 *
 * @param body Given the id and a runtime whose progress goes to the job as well; returns its value and what the
 *   state file says of it.
 */
export async function runJob<T>(
  start: {
    /** Of a job that waited for its turn. */
    readonly id?: string | undefined;
    readonly operation: Job['operation'];
    readonly database: string;
    readonly allDatabases?: true | undefined;
    readonly directory: string;
    readonly step: string;
    readonly label?: string;
    /** Its password is removed from all errors. */
    readonly connection: Pick<Connection, 'endpoint' | 'password'>;
  },
  runtime: Runtime,
  body: (
    id: string,
    runtime: Runtime,
    /** Resolves when it is on disk. undefined: the swap, or the change in place, is over. */
    journal: (entry: JournalEntry) => Promise<void>,
  ) => Promise<{ readonly value: T; readonly result: JobResult }>,
): Promise<T> {
  const { operation, database, allDatabases, directory, step, label, connection } = start;
  let job: Job = {
    schema: JOB_SCHEMA,
    id: start.id ?? newJobId(),
    operation,
    database,
    allDatabases,
    label,
    state: 'running',
    startedAt: runtime.now().toISOString(),
    step,
    process: await identifyProcess(runtime.pid, runtime.hostName, runtime.userName),
    server: describeEndpoint(connection.endpoint),
    command: runtime.command,
  };
  const warnings = await prepareDirectory(directory);
  const file = await openJobFile(directory, job);
  runtime.onProgress({ kind: 'job', job: job.id, directory, database });
  const log = (text: string): Promise<void> => file.log(`${runtime.now().toISOString()} ${text}`);
  let savedAt = runtime.now().getTime();
  const onProgress = (event: ProgressEvent): void => {
    runtime.onProgress(event);
    if (event.kind === 'bytes') {
      job = { ...job, progress: { doneBytes: event.doneBytes, totalBytes: event.totalBytes } };
      const at = runtime.now().getTime();
      if (Math.abs(at - savedAt) < SAVE_INTERVAL_MS) return;
      savedAt = at;
    } else if (event.kind !== 'accepted' && event.kind !== 'job') {
      // The progress of the previous step says nothing about this one.
      if (event.kind === 'step')
        job = { ...job, step: event.message, phase: event.phase, progress: undefined };
      void log(event.kind === 'warning' ? `warning: ${event.message}` : event.message);
      if (event.kind !== 'step') return;
    }
    void file.save(job);
  };
  const end = async (state: JobState, outcome: Partial<Job>, line: string): Promise<void> => {
    const finishedAt = runtime.now().toISOString();
    // Its state tells how it ended.
    job = { ...job, settled: undefined, returnCommand: undefined, ...outcome, state, finishedAt };
    await log(line);
    await file.save(job);
  };

  const journal = async (entry: JournalEntry): Promise<void> => {
    job = { ...job, ...entry };
    await file.saveDurably(job);
  };
  await log(
    `${operation} of ${subjectOf(job)} begins: ${runtime.command} (pid ${runtime.pid}, dbbackup ${runtime.version})`,
  );
  for (const message of warnings) onProgress({ kind: 'warning', message });
  try {
    const { value, result } = await body(job.id, { ...runtime, onProgress }, journal);
    await end('succeeded', { result }, `succeeded: ${result.path}, ${result.sizeBytes} bytes`);
    return value;
  } catch (error) {
    redactError(error, [connection.password]);
    const { code, message, hint } = DbBackupError.wrap(
      error,
      'failed',
      `A bug in dbbackup: ${String(error)}`,
    );
    const state = code === 'timeout' ? 'timed-out' : isCancellation(error) ? 'cancelled' : 'failed';
    await end(state, { error: { code, message, hint } }, `${state} (${code}): ${message}`);
    throw error;
  }
}
