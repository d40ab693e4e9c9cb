import { removeDurably } from '../../files/durable-file.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readScript, scriptPath, type ScriptPlace, writeScript } from './script-file.ts';
import type { SwapScript } from './swap-script.ts';

function placeOf(directory: string, job: string): ScriptPlace {
  return { directory, job, ending: 'swap' };
}

/** @throws {DbBackupError} `no-space`; then the swap must not begin. */
export async function writeSwapScript(directory: string, job: string, script: SwapScript): Promise<void> {
  await writeScript(placeOf(directory, job), script);
}

/**
 * @param reader Who runs, and how dbbackup was started.
 * @throws {DbBackupError} as `readScript`.
 */
export async function readSwapScript(
  directory: string,
  job: string,
  reader: Pick<Runtime, 'userId' | 'program'>,
): Promise<SwapScript> {
  const { job: _, ...script } = await readScript<SwapScript>(
    placeOf(directory, job),
    {
      what: 'The record of a swap',
      parse: async () => (await import('./swap-script-schema.ts')).parseSwapScript,
      again: furtherCommand(directory, 'restore', [], ['--resume', job], reader.program),
    },
    reader,
  );
  return script;
}

export async function removeSwapScript(directory: string, job: string): Promise<void> {
  await removeDurably(scriptPath(placeOf(directory, job)));
}
