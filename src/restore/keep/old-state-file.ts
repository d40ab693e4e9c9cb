import { removeDurably } from '../../files/durable-file.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readScript, scriptPath, type ScriptPlace, writeScript } from '../swap/script-file.ts';
import type { OldState } from './old-state.ts';

function placeOf(directory: string, job: string): ScriptPlace {
  return { directory, job, ending: 'old' };
}

/** @throws {DbBackupError} `no-space`; then the swap must not begin. */
export async function writeOldState(directory: string, job: string, state: OldState): Promise<void> {
  await writeScript(placeOf(directory, job), state);
}

/**
 * @param reader Who runs, and how dbbackup was started.
 * @throws {DbBackupError} as `readScript`.
 */
export async function readOldState(
  directory: string,
  job: string,
  reader: Pick<Runtime, 'userId' | 'program'>,
): Promise<OldState> {
  return readScript<OldState>(
    placeOf(directory, job),
    {
      what: 'The record of what a restore replaced',
      parse: async () => (await import('./old-state-schema.ts')).parseOldState,
      again: furtherCommand(directory, 'undo', [job], [], reader.program),
    },
    reader,
  );
}

/** May be called again, and where there is none. */
export async function removeOldState(directory: string, job: string): Promise<void> {
  await removeDurably(scriptPath(placeOf(directory, job)));
}
