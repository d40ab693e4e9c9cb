import { withDirectory } from '../../backups/directory/stand-in-directory.ts';
import { type FoundJob, readAllJobs, readJob } from '../../jobs/read-jobs.ts';
import { mayHaveChanged } from '../../jobs/record/job.ts';
import { DbBackupError } from '../../run/errors.ts';
import { commandText, furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { refuseUndone, refuseUnfit } from './refuse-unfit.ts';

/**
 * The restore to undo, and the directory that it is kept in.
 *
 * @param id Or a unique beginning of it; undefined: the last restore that has changed the database.
 * @param database undefined: whichever the directory has restores of, if it is one.
 * @throws {DbBackupError} `not-found`: there is none, it has changed nothing, or it was undone already; `usage`: it is
 *   no restore, or there are those of several databases; `locked`: it, or its undo, still runs; `failed`: one of the two
 *   has to be completed or rolled back first, or its file is not to be believed.
 */
export async function findUndone(
  {
    directory,
    id,
    database,
    sameServer,
  }: {
    readonly directory: string;
    readonly id: string | undefined;
    readonly database: string | undefined;
    /** Arguments with which a further command reaches the same directory and server. */
    readonly sameServer: readonly string[];
  },
  runtime: Runtime,
): Promise<FoundJob> {
  const jobs = await readAllJobs(directory, runtime);
  const found =
    id === undefined
      ? lastRestore({ directory, database, sameServer }, jobs, runtime)
      : await readJob({ directory, id }, { ...runtime, onProgress: () => undefined }); // told already
  const reaching = { program: runtime.program, sameServer };
  refuseUnfit(found, reaching);
  refuseUndone(found.job, jobs, reaching);
  return found;
}

function lastRestore(
  { directory, database, sameServer }: Omit<Parameters<typeof findUndone>[0], 'id'>,
  jobs: readonly FoundJob[],
  runtime: Runtime,
): FoundJob {
  const restores = jobs.filter(
    ({ job }) => mayHaveChanged(job) && (database === undefined || job.database === database),
  );
  const databases = [...new Set(restores.map(({ job }) => job.database))];
  const [last] = restores;
  if (last === undefined) {
    const of = database === undefined ? '' : ` of ${database}`;
    throw new DbBackupError('not-found', `There is no restore${of} to undo in ${directory}.`, {
      hint: `The restores of this backup directory (another one: --dir <folder>):\n${furtherCommand(directory, 'status', [], [], runtime.program)}`,
    });
  }
  if (databases.length > 1) {
    const lines = databases.map((name) => {
      const at = restores.find(({ job }) => job.database === name) ?? last;
      return `${name}: ${commandText('undo', [at.job.id], withDirectory(sameServer, at.directory), runtime.program)}`;
    });
    throw new DbBackupError('usage', `There are restores of several databases in ${directory}.`, {
      hint: `Name the one to undo:\n${lines.join('\n')}`,
    });
  }
  return last;
}
