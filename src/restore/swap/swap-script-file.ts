import { join } from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import type { SwapScript } from './swap-script.ts';
import { removeDurably, replaceDurably } from '../../files/durable-file.ts';
import { jobFolder } from '../../backups/directory/layout.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { readTextFile } from '../../files/text-file.ts';

/** Beside the job's state file. */
function swapPath(directory: string, job: string): string {
  return join(jobFolder(directory), `${job}.swap`);
}

/** @throws {DbBackupError} `no-space`; then the swap must not begin. */
export async function writeSwapScript(directory: string, job: string, script: SwapScript): Promise<void> {
  const path = swapPath(directory, job);
  try {
    await replaceDurably(path, JSON.stringify(script));
  } catch (error) {
    throw await storageFailure(error, path);
  }
}

/**
 * @throws {DbBackupError} `restore-incomplete` when it is gone, or not what we wrote; `no-space` when it cannot be
 * read.
 */
export async function readSwapScript(directory: string, job: string): Promise<SwapScript> {
  const path = swapPath(directory, job);
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(error, path);
    throw new DbBackupError('restore-incomplete', `The record of a swap is missing: ${path}.`, {
      cause: error,
    });
  }
  const { parseSwapScript } = await import('./swap-script-schema.ts');
  try {
    return parseSwapScript(JSON.parse(text));
  } catch (error) {
    const message = `The record of a swap is damaged: ${path} (${(error as Error).message}).`;
    throw new DbBackupError('restore-incomplete', message, { cause: error });
  }
}

export async function removeSwapScript(directory: string, job: string): Promise<void> {
  await removeDurably(swapPath(directory, job));
}
