import type { Connection } from '../../server/connect/connection.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { forScratchSchema } from '../../sql/script/stored-object-text.ts';
import type { TextOfObject } from '../../sql/script/stored-object-text.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';
import type { LoadedTables } from './parallel/loaded-tables.ts';
import { loadStoredObjects } from './load-stored-objects.ts';
import type { Runtime } from '../../run/runtime.ts';

/**
 * Makes triggers, views, routines and events in a scratch schema, where a failure harms nothing.
 *
 * It is a check, not the restore: what cannot be made because its text was changed for the schema is made as the dump
 * has it, with a warning.
 *
 * @returns those that were made: not an event that does not say where to switch it off.
 * @throws {DbBackupError} as `loadPrograms`.
 */
export async function tryStoredObjects(
  connection: Connection,
  loaded: Pick<LoadedTables, 'preset' | 'programs'>,
  stage: string,
  session: SharedSession,
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<readonly SavedObject[]> {
  const asWritten = new Map<SavedObject, SavedObject>();
  const programs = loaded.programs.flatMap((program) => {
    const trial = forScratchSchema(program, stage);
    if (trial === undefined) return [];
    const saved = savedObject(program, trial.text);
    if (trial.asWritten !== undefined) asWritten.set(saved, savedObject(program, trial.asWritten));
    return [saved];
  });
  const otherwise = {
    of: (program: SavedObject) => asWritten.get(program),
    onMade: ({ kind, name }: SavedObject, { message }: Error) => {
      onProgress({
        kind: 'warning',
        message: `The ${kind} ${name} could not be checked against the restored tables, only as written in the backup. (${message})`,
      });
    },
  };
  const { preset } = loaded;
  await loadStoredObjects({ connection, schema: stage, preset, programs, otherwise }, session, signal);
  return programs;
}

export function savedObject({ script: { kind, name, settings } }: TextOfObject, text: Buffer): SavedObject {
  return { kind, name, settings, statement: text.toString('latin1') };
}
