// Files beside a job's state file that hold statements: nobody but the user who runs them may have written them.
import { join } from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { jobFolder } from '../../backups/directory/layout.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { commandAs, distrustText, whyNotTrusted } from '../../files/ownership.ts';
import {
  LARGEST_SCRIPT_BYTES,
  readRecordFile,
  type RecordFile,
  UnfitFileError,
} from '../../files/record-file.ts';
import type { Runtime } from '../../run/runtime.ts';
import { shellWord } from '../../run/shell-command.ts';

/** One of the files with statements that a job has. */
export interface ScriptPlace {
  readonly directory: string;
  readonly job: string;
  /** Of the file's name, after the job's id. */
  readonly ending: 'swap' | 'old';
}

export function scriptPath({ directory, job, ending }: ScriptPlace): string {
  return join(jobFolder(directory), `${job}.${ending}`);
}

/**
 * It is never given to the folder's owner, who could make the user who writes it run other statements.
 *
 * @throws {DbBackupError} `no-space`.
 */
export async function writeScript(place: ScriptPlace, script: object): Promise<void> {
  const path = scriptPath(place);
  try {
    await replaceDurably(path, JSON.stringify({ ...script, job: place.job }), { isKept: true });
  } catch (error) {
    throw await storageFailure(error, path);
  }
}

/**
 * @param what It is, in messages: `The record of a swap`.
 * @param parse Loaded when it is needed.
 * @param again What that user types who may have written it.
 * @throws {DbBackupError} `restore-incomplete` when it is gone, not what we wrote, or may be somebody else's, whose
 *   statements are not run; `no-space` when it cannot be read.
 */
export async function readScript<T extends { readonly job?: string | undefined }>(
  place: ScriptPlace,
  {
    what,
    parse,
    again,
  }: {
    readonly what: string;
    readonly parse: () => Promise<(content: unknown) => T>;
    readonly again: string;
  },
  { userId }: Pick<Runtime, 'userId'>,
): Promise<T> {
  const path = scriptPath(place);
  const file = readFile(path, what);
  const distrust = whyNotTrusted(file, userId);
  if (distrust !== undefined) {
    throw incomplete(
      `${what} ${distrustText(distrust, file.ownerId)}: ${path}. Its statements are not run.`,
      distrust === 'owner'
        ? `If that user started the restore, resume it as that user:\n${commandAs(file.ownerId, again)}`
        : `If you know that nobody has changed it:\nchmod go-w ${shellWord(path)}`,
    );
  }
  const parsed = await parse();
  try {
    const script = parsed(JSON.parse(file.text));
    // Renamed, maybe by others.
    if ((script.job ?? place.job) !== place.job)
      throw new Error(`it is that of the restore ${String(script.job)}`);
    return script;
  } catch (error) {
    throw incomplete(`${what} is damaged: ${path} (${(error as Error).message}).`, undefined, error);
  }
}

function readFile(path: string, what: string): RecordFile {
  try {
    return readRecordFile(path, { largestBytes: LARGEST_SCRIPT_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw incomplete(`${what} is missing: ${path}.`, undefined, error);
    if (!(error instanceof UnfitFileError)) throw readFailure(error, path);
    throw incomplete(`${what} is damaged: ${path} (it ${error.message}).`, undefined, error);
  }
}

function incomplete(message: string, hint?: string, cause?: unknown): DbBackupError {
  return new DbBackupError('restore-incomplete', message, { hint, cause });
}
