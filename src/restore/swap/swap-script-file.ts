import { join } from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import type { SwapScript } from './swap-script.ts';
import { removeDurably, replaceDurably } from '../../files/durable-file.ts';
import { jobFolder } from '../../backups/directory/layout.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { commandAs, distrustText, whyNotTrusted } from '../../files/ownership.ts';
import {
  LARGEST_SCRIPT_BYTES,
  readRecordFile,
  type RecordFile,
  UnfitFileError,
} from '../../files/record-file.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { shellWord } from '../../run/shell-command.ts';

/** Beside the job's state file. */
function swapPath(directory: string, job: string): string {
  return join(jobFolder(directory), `${job}.swap`);
}

/**
 * It is never given to the folder's owner, who could make the user who writes it run other statements.
 *
 * @throws {DbBackupError} `no-space`; then the swap must not begin.
 */
export async function writeSwapScript(directory: string, job: string, script: SwapScript): Promise<void> {
  const path = swapPath(directory, job);
  try {
    await replaceDurably(path, JSON.stringify({ ...script, job }), { isKept: true });
  } catch (error) {
    throw await storageFailure(error, path);
  }
}

/**
 * @param reader Who runs, and how dbbackup was started.
 * @throws {DbBackupError} `restore-incomplete` when it is gone, not what we wrote, or may be somebody else's, whose
 *   statements are not run; `no-space` when it cannot be read.
 */
export async function readSwapScript(
  directory: string,
  job: string,
  reader: Pick<Runtime, 'userId' | 'program'>,
): Promise<SwapScript> {
  const path = swapPath(directory, job);
  const file = readFile(path);
  const distrust = whyNotTrusted(file, reader.userId);
  if (distrust !== undefined) {
    const resume = furtherCommand(directory, 'restore', [], ['--resume', job], reader.program);
    throw incomplete(
      `The record of a swap ${distrustText(distrust, file.ownerId)}: ${path}. Its statements are not run.`,
      distrust === 'owner'
        ? `If that user started the restore, resume it as that user:\n${commandAs(file.ownerId, resume)}`
        : `If you know that nobody has changed it:\nchmod go-w ${shellWord(path)}`,
    );
  }
  const { parseSwapScript } = await import('./swap-script-schema.ts');
  try {
    const { job: of = job, ...script } = parseSwapScript(JSON.parse(file.text));
    if (of !== job) throw new Error(`it is that of the restore ${of}`); // renamed, maybe by others
    return script;
  } catch (error) {
    const message = `The record of a swap is damaged: ${path} (${(error as Error).message}).`;
    throw incomplete(message, undefined, error);
  }
}

function readFile(path: string): RecordFile {
  try {
    return readRecordFile(path, { largestBytes: LARGEST_SCRIPT_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw incomplete(`The record of a swap is missing: ${path}.`, undefined, error);
    if (!(error instanceof UnfitFileError)) throw readFailure(error, path);
    throw incomplete(`The record of a swap is damaged: ${path} (it ${error.message}).`, undefined, error);
  }
}

function incomplete(message: string, hint?: string, cause?: unknown): DbBackupError {
  return new DbBackupError('restore-incomplete', message, { hint, cause });
}

export async function removeSwapScript(directory: string, job: string): Promise<void> {
  await removeDurably(swapPath(directory, job));
}
