// What we read back from disk was written by some release of ours, or by somebody else: it is checked before use.
// Unknown fields are let through, because later releases add some. (valibot: it loads in a tenth of zod's time.)
import { PHASES } from '../run/progress.ts';
import * as v from 'valibot';
import { EXIT_CODES } from '../run/errors.ts';
import type { ErrorCode } from '../run/errors.ts';
import { JOB_SCHEMA, JOB_STATES, SETTLED_AS } from '../jobs/record/job.ts';
import type { Job } from '../jobs/record/job.ts';
import { LOCK_SCHEMA } from '../locks/lock-record.ts';
import type { LockRecord } from '../locks/lock-record.ts';
import { COMPRESSIONS, FLAVOURS, MANIFEST_SCHEMA } from '../backups/record/manifest.ts';
import type { Manifest } from '../backups/record/manifest.ts';
import { SWAP_SCHEMA, SWAP_STEPS } from '../restore/swap/swap-script.ts';
import type { SwapScript } from '../restore/swap/swap-script.ts';

/**
 * Checks the content of a manifest.
 *
 * @throws {Error} saying where it is wrong: `file.sha256: Invalid format`.
 */
export function parseManifest(content: unknown): Manifest {
  return parse(manifestSchema, content);
}

/** @throws {Error} as `parseManifest`. */
export function parseLockRecord(content: unknown): LockRecord {
  return parse(lockSchema, content);
}

/** @throws {Error} as `parseManifest`. */
export function parseJob(content: unknown): Job {
  return parse(jobSchema, content);
}

/** @throws {Error} as `parseManifest`. */
export function parseSwapScript(content: unknown): SwapScript {
  return parse(swapSchema, content);
}

function parse<T>(schema: v.GenericSchema<unknown, T>, content: unknown): T {
  const parsed = v.safeParse(schema, content, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'its whole'}: ${issue.message}`);
}

const text = v.string();
const someText = v.pipe(text, v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const pid = v.pipe(v.number(), v.integer(), v.minValue(1));
const time = v.pipe(text, v.isoTimestamp());
// A union would make an issue, with all that belongs to it, of every boolean before it takes it.
const textOrBoolean = v.custom<string | boolean>(
  (value) => typeof value === 'string' || typeof value === 'boolean',
);

const routineGrants = v.array(
  v.looseObject({ routine: text, user: text, host: text, privileges: v.array(text) }),
);

const programKind = v.picklist(['view', 'routine', 'trigger', 'event']);

const manifestSchema: v.GenericSchema<unknown, Manifest> = v.looseObject({
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
    v.looseObject({ name: text, engine: text, uncompressedBytes: count, offsetBytes: v.nullable(count) }),
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
  storedObjects: v.optional(v.array(v.looseObject({ kind: programKind, name: text, sha256: text }))),
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
});

const processSchema = v.looseObject({
  pid,
  startTime: text,
  bootId: text,
  pidNamespace: text,
  host: text,
  user: text,
});

const lockSchema: v.GenericSchema<unknown, LockRecord> = v.looseObject({
  schema: v.literal(LOCK_SCHEMA),
  token: v.pipe(text, v.regex(/^[A-Za-z0-9]+$/)),
  job: text,
  operation: v.picklist(['create', 'restore']),
  database: text,
  command: text,
  since: time,
  process: processSchema,
  children: v.array(v.looseObject({ program: text, pid, startTime: text })),
});

/** Schemas that are dropped by this name: nothing else may pass. */
const scratchSchema = v.pipe(text, v.regex(/^dbbackup_(?:stage|old)_[a-z0-9]+$/));

const jobSchema: v.GenericSchema<unknown, Job> = v.looseObject({
  schema: v.literal(JOB_SCHEMA),
  id: v.pipe(text, v.regex(/^[a-z0-9]+$/)),
  operation: v.picklist(['create', 'restore', 'verify']),
  database: text,
  state: v.picklist(JOB_STATES),
  startedAt: time,
  finishedAt: v.optional(time),
  step: text,
  phase: v.optional(v.picklist(PHASES)),
  progress: v.optional(v.looseObject({ doneBytes: count, totalBytes: v.optional(count) })),
  process: processSchema,
  server: v.optional(text),
  command: text,
  swap: v.optional(
    v.looseObject({
      step: v.picklist(SWAP_STEPS),
      stage: scratchSchema,
      old: scratchSchema,
      returnCommand: v.optional(text),
      resumeCommand: v.optional(text),
      endpoint: v.optional(text),
      server: v.optional(text),
    }),
  ),
  replacing: v.optional(
    v.looseObject({
      returnCommand: v.optional(text),
      restoreCommand: text,
      tables: v.optional(v.array(text)),
      grants: v.optional(routineGrants),
    }),
  ),
  settled: v.optional(v.picklist(SETTLED_AS)),
  result: v.optional(
    v.looseObject({
      name: text,
      path: text,
      sizeBytes: count,
      safetyBackup: v.optional(text),
      undoCommand: v.optional(text),
      restored: v.optional(v.looseObject({ uncompressedBytes: count, durationMs: count })),
    }),
  ),
  error: v.optional(
    v.looseObject({
      code: v.picklist(Object.keys(EXIT_CODES) as [ErrorCode, ...ErrorCode[]]),
      message: text,
      hint: v.optional(text),
    }),
  ),
});

const savedProgram = v.looseObject({
  kind: programKind,
  name: text,
  settings: v.record(text, text),
  statement: text,
});

const swapSchema: v.GenericSchema<unknown, SwapScript> = v.looseObject({
  schema: v.literal(SWAP_SCHEMA),
  database: text,
  createsDatabase: v.boolean(),
  arriving: v.array(text),
  leaving: v.array(text),
  drops: v.looseObject({ views: v.array(text), routines: v.array(text), events: v.array(text) }),
  defaults: v.nullable(v.looseObject({ charset: v.exactOptional(text), collation: v.exactOptional(text) })),
  triggers: v.array(savedProgram),
  strayKeys: v.optional(v.array(v.looseObject({ table: text, name: text, definition: text }))),
  preamble: v.array(text),
  programs: v.array(savedProgram),
  grants: v.optional(routineGrants),
});
