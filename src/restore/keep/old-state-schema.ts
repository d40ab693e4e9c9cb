import * as v from 'valibot';
import { routineGrants, storedObjectKind } from '../../backups/record/manifest-schema.ts';
import { count, parse, text } from '../../files/json-document.ts';
import { OLD_STATE_SCHEMA, type OldState } from './old-state.ts';

/** @throws {Error} as `parseManifest`. */
export function parseOldState(content: unknown): OldState {
  return parse(oldStateSchema, content);
}

const names = v.array(text);

export const oldStateSchema: v.GenericSchema<unknown, OldState> = v.looseObject({
  schema: v.literal(OLD_STATE_SCHEMA),
  job: v.optional(text),
  database: text,
  at: count,
  tables: names,
  programs: v.array(
    v.looseObject({ kind: storedObjectKind, name: text, settings: v.record(text, text), statement: text }),
  ),
  defaults: v.looseObject({ charset: v.exactOptional(text), collation: v.exactOptional(text) }),
  grants: routineGrants,
  isWhole: v.boolean(),
  brought: v.looseObject({ tables: names, views: names, routines: names, triggers: names, events: names }),
});
