import * as v from 'valibot';
import { routineGrants } from '../../backups/record/manifest-schema.ts';
import { parse, count, text, time } from '../../files/json-document.ts';
import { processSchema } from '../../locks/lock-schema.ts';
import { EXIT_CODES, type ErrorCode } from '../../run/errors.ts';
import { PHASES } from '../../run/progress.ts';
import { JOB_SCHEMA, JOB_STATES, SETTLED_AS, type Job } from './job.ts';
import { SWAP_STEPS } from './swap-journal.ts';

/** @throws {Error} as `parseManifest`. */
export function parseJob(content: unknown): Job {
  return parse(jobSchema, content);
}

const jobId = v.pipe(text, v.regex(/^[a-z0-9]+$/));

/** Schemas are dropped by this name: nothing else may pass. */
const scratchSchema = v.pipe(text, v.regex(/^dbbackup_(?:stage|old)_[a-z0-9]+$/));

/** Accounts are dropped by this name, by whoever types what is shown. */
const loadAccount = v.pipe(text, v.regex(/^'dbbackup_load_[a-z0-9]+'@'[^'\\\p{Cc}]+'$/u));

export const jobSchema: v.GenericSchema<unknown, Job> = v.looseObject({
  schema: v.literal(JOB_SCHEMA),
  id: jobId,
  operation: v.picklist(['create', 'restore', 'verify']),
  database: text,
  allDatabases: v.optional(v.literal(true)),
  label: v.optional(text),
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
      keepMs: v.optional(count),
      undoes: v.optional(jobId),
      safety: v.optional(
        v.looseObject({
          path: text,
          settledBefore: v.optional(count),
          renewed: v.looseObject({ name: text, at: time, returnCommand: v.optional(text) }),
          isReplaced: v.optional(v.boolean()),
        }),
      ),
    }),
  ),
  kept: v.optional(
    v.looseObject({
      until: time,
      forMs: count,
      sizeBytes: count,
      endpoint: v.optional(text),
      server: v.optional(text),
    }),
  ),
  undoes: v.optional(jobId),
  replacing: v.optional(
    v.looseObject({
      returnCommand: v.optional(text),
      restoreCommand: text,
      tables: v.optional(v.array(text)),
      grants: v.optional(routineGrants),
    }),
  ),
  loadAccount: v.optional(loadAccount),
  settled: v.optional(v.picklist(SETTLED_AS)),
  returnCommand: v.optional(text),
  result: v.optional(
    v.looseObject({
      name: text,
      path: text,
      sizeBytes: count,
      safetyBackup: v.optional(text),
      undoCommand: v.optional(text),
      undoSql: v.optional(text),
      wayBack: v.optional(
        v.looseObject({
          reference: text,
          tables: v.optional(v.array(text)),
          skipBroken: v.optional(v.boolean()),
          allowOutside: v.optional(v.boolean()),
        }),
      ),
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
