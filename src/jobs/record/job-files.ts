import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import { isUnderWay, type Job, leavesSomething } from './job.ts';
import { isKeeping } from './keeping-job.ts';
import { asFarAsTrusted } from './untrusted-job.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { makeFolder } from '../../files/folders.ts';
import { appendLine, writeDraft } from '../../files/new-file.ts';
import { isForbidden } from '../../files/ownership.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { LARGEST_SCRIPT_BYTES, readRecordFile, UnfitFileError } from '../../files/record-file.ts';
import { jobFilePath, jobFolder } from '../../backups/directory/layout.ts';
import { shellWord } from '../../run/shell-command.ts';

/** A live run renames a draft as soon as it is written. */
const OLDEST_DRAFT_MS = 60_000;

/** The state file and log of one run, for as long as it runs. */
export interface JobFile {
  /** Replaces the state file whole. Updates are written one after the other. */
  save(job: Job): Promise<void>;
  /**
   * The same, for a step that must be on disk before it is carried out.
   *
   * @throws {DbBackupError} `no-space`.
   */
  saveDurably(job: Job): Promise<void>;
  log(line: string): Promise<void>;
}

/**
 * @throws {DbBackupError} `no-space` when the first state cannot be written.
 */
export async function openJobFile(directory: string, job: Job): Promise<JobFile> {
  const folder = jobFolder(directory);
  const path = jobFilePath(directory, job.id);
  const write = async (state: Job): Promise<void> => {
    const draft = `${path}.new`;
    try {
      await writeDraft(draft, render(state), { isKept: isNeeded(state) });
      await rename(draft, path); // a reader sees the old state or the new
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
      throw error;
    }
  };
  await makeFolder(folder);
  try {
    await write(job);
  } catch (error) {
    throw await storageFailure(error, path);
  }
  let queue: Promise<void> = Promise.resolve();
  const enqueue = (action: () => Promise<void>): Promise<void> => {
    // The run matters more than its record: the backup itself reports a full disk.
    queue = queue.then(action).catch(() => undefined);
    return queue;
  };
  return {
    save: (state) => enqueue(() => write(state)),
    async saveDurably(state) {
      let failure: unknown;
      await enqueue(() =>
        replaceDurably(path, render(state), { isKept: isNeeded(state) }).catch((error: unknown) => {
          failure = error;
        }),
      );
      if (failure !== undefined) throw await storageFailure(failure, path);
    },
    log: (line) => enqueue(() => appendLine(join(folder, `${job.id}.log`), line)),
  };
}

/** Adds a line to the log of a job that has ended. Never rejects: the line is told elsewhere, too. */
export async function appendToJobLog(directory: string, id: string, line: string): Promise<void> {
  await appendLine(join(jobFolder(directory), `${id}.log`), line).catch(() => undefined);
}

/** Later runs act on it: root must be able to believe what root has written. */
function isNeeded(job: Job): boolean {
  return isUnderWay(job) || leavesSomething(job) || isKeeping(job);
}

function render(job: Job): string {
  return `${JSON.stringify(job, undefined, 2)}\n`;
}

/** Writes the state of a job whose run has ended. @throws {DbBackupError} `no-space`. */
export async function amendJobFile(directory: string, job: Job): Promise<void> {
  const path = jobFilePath(directory, job.id);
  try {
    await replaceDurably(path, render(job), { isKept: isNeeded(job) });
  } catch (error) {
    throw await storageFailure(error, path);
  }
}

/** Removes a job's files. Another run may be doing the same. */
export async function removeJobFiles(directory: string, id: string): Promise<void> {
  for (const ending of ['log', 'old', 'json.new', 'json'])
    await rm(join(jobFolder(directory), `${id}.${ending}`), { force: true });
}

/**
 * Removes drafts left by a run that was killed while writing: of jobs that are over, or never had a state file.
 *
 * @param isOver By job id; unknown ids count as over.
 */
export async function removeDeadDrafts(
  directory: string,
  now: Date,
  isOver: (id: string) => boolean,
): Promise<void> {
  const folder = jobFolder(directory);
  for (const name of await readdir(folder)) {
    const [, id] = /^(\w+)\.(?:json|swap|old)\.new$/.exec(name) ?? [];
    if (id === undefined || !isOver(id)) continue;
    const path = join(folder, name);
    const draft = await stat(path).catch(() => undefined); // it has been renamed or removed
    // The first draft of a run precedes its state file: for that moment its id is unknown, too.
    if (draft !== undefined && now.getTime() - draft.mtimeMs > OLDEST_DRAFT_MS)
      await rm(path, { force: true });
  }
}

/** A job whose state file is damaged, or cannot or may not even be read: then `failure` says why. */
export interface UnreadableJob {
  readonly id: string;
  readonly failure: DbBackupError | undefined;
}

/**
 * Every job whose state file can be read, in no particular order, and those whose file cannot.
 *
 * @param userId Who runs: see `asFarAsTrusted`.
 */
export async function readJobFiles(
  directory: string,
  userId: number,
): Promise<{ readonly jobs: readonly Job[]; readonly unreadable: readonly UnreadableJob[] }> {
  const jobs: Job[] = [];
  const unreadable: UnreadableJob[] = [];
  for (const id of await listJobIds(directory)) {
    try {
      const job = await readJobFile(directory, id, userId);
      if (job !== undefined) jobs.push(job);
    } catch (error) {
      // Truncated by a full disk, not ours, or another user's: reported, not hidden.
      unreadable.push({ id, failure: error instanceof DbBackupError ? error : undefined });
    }
  }
  return { jobs, unreadable };
}

/** @throws {DbBackupError} `no-space` when the folder exists but cannot be read. */
export async function listJobIds(directory: string): Promise<readonly string[]> {
  const folder = jobFolder(directory);
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, folder);
  }
}

let parseJob: ((content: unknown) => Job) | undefined;

/**
 * undefined when there is none, or none any more.
 *
 * @param userId Who runs: see `asFarAsTrusted`.
 * @throws {DbBackupError} `no-space` when permission denied, or what has its name cannot be one of our files.
 * @throws {Error} when it is damaged.
 */
export async function readJobFile(directory: string, id: string, userId: number): Promise<Job | undefined> {
  // As with manifests: imported once, and read synchronously, because there may be ten thousand of them.
  parseJob ??= (await import('./job-schema.ts')).parseJob;
  const path = jobFilePath(directory, id);
  try {
    const file = readRecordFile(path);
    const job = parseJob(JSON.parse(file.text));
    // Whoever owns the folder can rename a file, and so give it another meaning.
    if (job.id !== id) throw new Error(`${path} is the state file of the job ${job.id}`);
    return asFarAsTrusted(job, file, userId);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof UnfitFileError) throw notOurs(error, path);
    if (isForbidden(error)) throw readFailure(error, path);
    throw error;
  }
}

function notOurs(cause: UnfitFileError, path: string): DbBackupError {
  return new DbBackupError('no-space', `${path} could not be read: it ${cause.message}.`, {
    hint: `dbbackup did not make it. If nobody needs it:\nrm -r ${shellWord(path)}`,
    cause,
  });
}

/** The log's text; empty when there is none. */
export function readJobLog(directory: string, id: string): string {
  const path = join(jobFolder(directory), `${id}.log`);
  try {
    return readRecordFile(path, { largestBytes: LARGEST_SCRIPT_BYTES }).text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error instanceof UnfitFileError ? notOurs(error, path) : readFailure(error, path);
  }
}
