import * as v from 'valibot';
import { storedObjectKind, routineGrants } from '../../backups/record/manifest-schema.ts';
import { parse, text } from '../../files/json-document.ts';
import { SWAP_SCHEMA, type SwapScript } from './swap-script.ts';

/** @throws {Error} as `parseManifest`. */
export function parseSwapScript(content: unknown): SwapScript {
  return parse(swapSchema, content);
}

const savedObject = v.looseObject({
  kind: storedObjectKind,
  name: text,
  settings: v.record(text, text),
  statement: text,
});

export const swapSchema: v.GenericSchema<unknown, SwapScript> = v.looseObject({
  schema: v.literal(SWAP_SCHEMA),
  job: v.optional(text),
  database: text,
  createsDatabase: v.boolean(),
  arriving: v.array(text),
  leaving: v.array(text),
  drops: v.looseObject({ views: v.array(text), routines: v.array(text), events: v.array(text) }),
  defaults: v.nullable(v.looseObject({ charset: v.exactOptional(text), collation: v.exactOptional(text) })),
  triggers: v.array(savedObject),
  strayKeys: v.optional(v.array(v.looseObject({ table: text, name: text, definition: text }))),
  preamble: v.array(text),
  programs: v.array(savedObject),
  grants: v.optional(routineGrants),
});
