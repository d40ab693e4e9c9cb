import type { Connection } from '../model/connection.ts';
import { forScratchSchema } from '../model/program-text.ts';
import type { Program } from '../model/program-text.ts';
import type { SavedProgram } from '../model/swap.ts';
import type { LoadedTables } from './dump-loader.ts';
import { loadPrograms } from './load-programs.ts';

/**
 * Makes triggers, views, routines and events in a scratch schema, where a failure harms nothing.
 *
 * @returns those that were made: not an event that does not say where to switch it off.
 * @throws {DbBackupError} as `loadPrograms`.
 */
export async function tryPrograms(
  connection: Connection,
  loaded: Pick<LoadedTables, 'preamble' | 'programs'>,
  stage: string,
  signal: AbortSignal,
): Promise<readonly SavedProgram[]> {
  const programs = loaded.programs.flatMap((program) => {
    const text = forScratchSchema(program, stage);
    return text === undefined ? [] : [savedProgram(program, text)];
  });
  const preamble = loaded.preamble.map((text) => text.toString('latin1'));
  await loadPrograms({ connection, schema: stage, preamble, programs }, signal);
  return programs;
}

export function savedProgram({ script: { kind, name, settings } }: Program, text: Buffer): SavedProgram {
  return { kind, name, settings, statement: text.toString('latin1') };
}
