import { prepareDirectory } from '../backups/directory/prepare-directory.ts';
import { identifyProcess } from '../locks/processes.ts';
import { DbBackupError } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import { describeEndpoint, type Connection } from '../server/connect/connection.ts';
import { openJobFile, type JobFile } from './record/job-files.ts';
import { JOB_SCHEMA, type Job } from './record/job.ts';

/** The jobs of one process that runs several, one after the other: each has its id and state before the first begins. */
export interface WaitingJobs {
  /** In the order of the databases. */
  readonly ids: readonly string[];
  /** The id of a job that begins now. */
  begin(database: string): string;
  /**
   * Those that never began end, too.
   *
   * @param failures By database; a cancellation is the last.
   */
  end(failures: readonly { readonly database: string; readonly error: DbBackupError }[]): Promise<void>;
}

/** @throws {DbBackupError} `no-space` when their files cannot be written. */
export async function makeWaitingJobs(
  {
    operation,
    databases,
    allDatabases,
    label,
    directory,
    connection,
  }: {
    readonly operation: Job['operation'];
    readonly databases: readonly string[];
    readonly allDatabases?: true | undefined;
    readonly label?: string;
    readonly directory: string;
    readonly connection: Pick<Connection, 'endpoint'>;
  },
  runtime: Runtime,
): Promise<WaitingJobs> {
  const process = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  await prepareDirectory(directory);
  const waiting = new Map<string, { readonly job: Job; readonly file: JobFile }>();
  for (const [index, database] of databases.entries()) {
    const job: Job = {
      schema: JOB_SCHEMA,
      id: newJobId(),
      operation,
      database,
      allDatabases,
      label,
      state: 'accepted',
      startedAt: runtime.now().toISOString(),
      step: `Waiting for its turn (${index + 1} of ${databases.length})...`,
      process,
      server: describeEndpoint(connection.endpoint),
      command: runtime.command,
    };
    waiting.set(database, { job, file: await openJobFile(directory, job) });
  }
  return {
    ids: [...waiting.values()].map(({ job }) => job.id),
    begin(database) {
      const id = waiting.get(database)?.job.id ?? newJobId();
      waiting.delete(database);
      return id;
    },
    async end(failures) {
      for (const { job, file } of waiting.values()) {
        const own = failures.find(({ database }) => database === job.database)?.error;
        const { code, message, hint } = own ?? unbegun(failures.at(-1)?.error);
        const state = code === 'timeout' ? 'timed-out' : own === undefined ? 'cancelled' : 'failed';
        const finishedAt = runtime.now().toISOString();
        await file.log(`${finishedAt} ${state} (${code}): ${message}`);
        await file.save({ ...job, state, finishedAt, error: { code, message, hint } });
      }
    },
  };
}

function unbegun(cancellation: DbBackupError | undefined): DbBackupError {
  return new DbBackupError(cancellation?.code ?? 'failed', 'The run ended before its turn came.');
}
