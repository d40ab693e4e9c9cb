import type { Connection } from '../../server/connect/connection.ts';
import { forScratchSchema } from '../../sql/script/program-text.ts';
import type { Program } from '../../sql/script/program-text.ts';
import type { SavedProgram } from '../../sql/script/program-text.ts';
import type { LoadedTables } from './parallel-loader.ts';
import { loadPrograms } from './load-programs.ts';
import type { Runtime } from '../../run/runtime.ts';

/**
 * Makes triggers, views, routines and events in a scratch schema, where a failure harms nothing.
 *
 * It is a check, not the restore: what cannot be made because its text was changed for the schema is made as the dump
 * has it, and the user is told.
 *
 * @returns those that were made: not an event that does not say where to switch it off.
 * @throws {DbBackupError} as `loadPrograms`.
 */
export async function tryPrograms(
  connection: Connection,
  loaded: Pick<LoadedTables, 'preamble' | 'programs'>,
  stage: string,
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<readonly SavedProgram[]> {
  const asWritten = new Map<SavedProgram, SavedProgram>();
  const programs = loaded.programs.flatMap((program) => {
    const trial = forScratchSchema(program, stage);
    if (trial === undefined) return [];
    const saved = savedProgram(program, trial.text);
    if (trial.asWritten !== undefined) asWritten.set(saved, savedProgram(program, trial.asWritten));
    return [saved];
  });
  const otherwise = {
    of: (program: SavedProgram) => asWritten.get(program),
    onMade: ({ kind, name }: SavedProgram, { message }: Error) => {
      onProgress({
        kind: 'warning',
        message: `The ${kind} ${name} could not be checked against the restored tables, only as it is written in the backup. (${message})`,
      });
    },
  };
  const preamble = loaded.preamble.map((text) => text.toString('latin1'));
  await loadPrograms({ connection, schema: stage, preamble, programs, otherwise }, signal);
  return programs;
}

export function savedProgram({ script: { kind, name, settings } }: Program, text: Buffer): SavedProgram {
  return { kind, name, settings, statement: text.toString('latin1') };
}
