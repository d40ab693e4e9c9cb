import * as v from 'valibot';
import { parser, count, someText, text, time } from '../../files/json-document.ts';
import { MANIFEST_SCHEMA, type Manifest } from './manifest.ts';
import { COMPRESSIONS } from '../../compression/methods.ts';
import { FLAVOURS } from '../../server/connect/flavour.ts';

// A union would create an issue object for every boolean before accepting it.
const textOrBoolean = v.custom<string | boolean>(
  (value) => typeof value === 'string' || typeof value === 'boolean',
);

export const routineGrants = v.array(
  v.looseObject({ routine: text, user: text, host: text, privileges: v.array(text) }),
);

export const storedObjectKind = v.picklist(['view', 'routine', 'trigger', 'event']);

export const manifestSchema: v.GenericSchema<unknown, Manifest> = v.looseObject({
  schema: v.literal(MANIFEST_SCHEMA),
  name: someText,
  label: someText,
  database: someText,
  job: text,
  startedAt: time,
  finishedAt: time,
  durationMs: count,
  file: v.looseObject({
    name: someText,
    sizeBytes: count,
    sha256: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
    compression: v.picklist(COMPRESSIONS),
    uncompressedBytes: count,
  }),
  server: v.looseObject({
    flavour: v.picklist(FLAVOURS),
    version: text,
    host: text,
    port: count,
    identity: v.optional(text),
    name: v.optional(text),
  }),
  tool: v.looseObject({ program: text, version: text, dbbackupVersion: text }),
  charset: text,
  collation: text,
  tables: v.array(
    v.looseObject({
      name: text,
      engine: text,
      uncompressedBytes: count,
      offsetBytes: v.nullable(count),
      skipBytes: v.optional(count),
      chunks: v.optional(
        v.array(
          v.looseObject({
            ...{ offsetBytes: count, endBytes: count, textOffsetBytes: count, uncompressedBytes: count },
            ...{ lines: count, statements: count },
          }),
        ),
      ),
    }),
  ),
  counts: v.looseObject({ views: count, routines: count, triggers: count, events: count }),
  dataLengthBytes: count,
  longestStatementBytes: count,
  options: v.record(text, textOrBoolean),
  warnings: v.array(text),
  restoreOnly: v.optional(v.looseObject({ method: v.literal('in-place'), reason: text })),
  madeFromInterrupted: v.optional(v.array(text)),
  inexactColumns: v.optional(
    v.array(
      v.looseObject({
        table: text,
        column: text,
        partOf: v.optional(v.array(v.picklist(['unique key', 'check']))),
      }),
    ),
  ),
  skippedBroken: v.optional(
    v.array(v.looseObject({ kind: v.picklist(['table', 'view']), name: text, reason: text })),
  ),
  programs: v.optional(v.record(text, text)),
  routineGrants: v.optional(routineGrants),
  storedObjects: v.optional(v.array(v.looseObject({ kind: storedObjectKind, name: text, sha256: text }))),
  rehearsal: v.optional(
    v.looseObject({
      at: time,
      job: text,
      durationMs: count,
      ok: v.boolean(),
      server: v.looseObject({ flavour: v.picklist(FLAVOURS), version: text }),
      tables: count,
      rows: v.optional(count),
      problem: v.optional(text),
    }),
  ),
  verification: v.optional(v.looseObject({ at: time, ok: v.boolean(), problem: v.optional(text) })),
  copies: v.optional(v.array(v.looseObject({ where: text, at: time }))),
  pin: v.optional(v.looseObject({ at: time, until: v.optional(time), reason: v.optional(text) })),
});

/**
 * Checks the content of a manifest.
 *
 * @throws {Error} saying where it is wrong: `file.sha256: Invalid format`.
 */
export const parseManifest = parser(manifestSchema);
