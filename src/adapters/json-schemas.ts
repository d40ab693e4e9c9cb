import { z } from 'zod';
import { EXIT_CODES } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { JOB_SCHEMA, JOB_STATES } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { LOCK_SCHEMA } from '../model/lock.ts';
import type { LockRecord } from '../model/lock.ts';
import { COMPRESSIONS, FLAVOURS, MANIFEST_SCHEMA } from '../model/manifest.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ProcessIdentity } from '../model/process-identity.ts';

// What we read back from disk was written by some release of ours, or by somebody else: it is checked before use.
// Unknown fields are let through, because later releases add some.

const bytes = z.number().int().nonnegative();
const time = z.iso.datetime();

export const manifestSchema: z.ZodType<Manifest> = z.looseObject({
  schema: z.literal(MANIFEST_SCHEMA),
  name: z.string().min(1),
  label: z.string().min(1),
  database: z.string().min(1),
  job: z.string(),
  startedAt: time,
  finishedAt: time,
  durationMs: bytes,
  file: z.looseObject({
    name: z.string().min(1),
    sizeBytes: bytes,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    compression: z.enum(COMPRESSIONS),
    uncompressedBytes: bytes,
  }),
  server: z.looseObject({
    flavour: z.enum(FLAVOURS),
    version: z.string(),
    host: z.string(),
    port: z.number().int(),
  }),
  tool: z.looseObject({ program: z.string(), version: z.string(), dbbackupVersion: z.string() }),
  charset: z.string(),
  collation: z.string(),
  tables: z.array(
    z.looseObject({
      name: z.string(),
      engine: z.string(),
      uncompressedBytes: bytes,
      offsetBytes: bytes.nullable(),
    }),
  ),
  counts: z.looseObject({ views: bytes, routines: bytes, triggers: bytes, events: bytes }),
  dataLengthBytes: bytes,
  longestStatementBytes: bytes,
  options: z.record(z.string(), z.union([z.string(), z.boolean()])),
  warnings: z.array(z.string()),
});

const processIdentity: z.ZodType<ProcessIdentity> = z.looseObject({
  pid: z.number().int().positive(),
  startTime: z.string(),
  bootId: z.string(),
  pidNamespace: z.string(),
  host: z.string(),
  user: z.string(),
});

export const lockSchema: z.ZodType<LockRecord> = z.looseObject({
  schema: z.literal(LOCK_SCHEMA),
  token: z.string().regex(/^[A-Za-z0-9]+$/),
  job: z.string(),
  operation: z.enum(['create', 'restore']),
  database: z.string(),
  command: z.string(),
  since: time,
  process: processIdentity,
  children: z.array(
    z.looseObject({ program: z.string(), pid: z.number().int().positive(), startTime: z.string() }),
  ),
});

export const jobSchema: z.ZodType<Job> = z.looseObject({
  schema: z.literal(JOB_SCHEMA),
  id: z.string().regex(/^[a-z0-9]+$/),
  operation: z.enum(['create', 'restore']),
  database: z.string(),
  state: z.enum(JOB_STATES),
  startedAt: time,
  finishedAt: time.optional(),
  step: z.string(),
  progress: z.looseObject({ doneBytes: bytes, totalBytes: bytes.optional() }).optional(),
  process: processIdentity,
  command: z.string(),
  result: z
    .looseObject({
      name: z.string(),
      path: z.string(),
      sizeBytes: bytes,
      safetyBackup: z.string().optional(),
    })
    .optional(),
  error: z
    .looseObject({
      code: z.enum(Object.keys(EXIT_CODES) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      hint: z.string().optional(),
    })
    .optional(),
});
