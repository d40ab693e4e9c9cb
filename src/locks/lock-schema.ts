import * as v from 'valibot';
import { parse, text, time } from '../files/json-document.ts';
import { LOCK_SCHEMA, LOCKED_FOR, type LockRecord } from './lock-record.ts';

/** @throws {Error} as `parseManifest`. */
export function parseLockRecord(content: unknown): LockRecord {
  return parse(lockSchema, content);
}

const pid = v.pipe(v.number(), v.integer(), v.minValue(1));

export const processSchema = v.looseObject({
  pid,
  startTime: text,
  bootId: text,
  pidNamespace: text,
  host: text,
  user: text,
});

export const lockSchema: v.GenericSchema<unknown, LockRecord> = v.looseObject({
  schema: v.literal(LOCK_SCHEMA),
  token: v.pipe(text, v.regex(/^[A-Za-z0-9]+$/)),
  job: text,
  operation: v.picklist(LOCKED_FOR),
  database: text,
  command: text,
  since: time,
  process: processSchema,
  children: v.array(v.looseObject({ program: text, pid, startTime: text })),
});
