import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SwapScript } from '../model/swap.ts';
import { removeDurably, replaceDurably } from './durable-file.ts';
import { jobFolder } from './job-files.ts';
import { readFailure, storageFailure } from './storage-failure.ts';

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
 * undefined when there is none.
 *
 * @throws {DbBackupError} `no-space` when it cannot be read; {Error} when it is not what we wrote.
 */
export async function readSwapScript(directory: string, job: string): Promise<SwapScript | undefined> {
  const path = swapPath(directory, job);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw readFailure(error, path);
  }
  const { parseSwapScript } = await import('./json-schemas.ts');
  return parseSwapScript(JSON.parse(text));
}

export async function removeSwapScript(directory: string, job: string): Promise<void> {
  await removeDurably(swapPath(directory, job));
}
