import { hostname } from 'node:os';
import { identifyProcess } from '../../src/locks/processes.ts';
import { LOCK_SCHEMA } from '../../src/locks/lock-record.ts';
import type { LockRecord } from '../../src/locks/lock-record.ts';

/** A lock as a run of create would have left it, whose process is this one but for what is changed. */
export async function lockRecord(
  database: string,
  change: Partial<LockRecord['process']>,
): Promise<LockRecord> {
  return {
    schema: LOCK_SCHEMA,
    token: '0123456789abcdef01',
    job: 'deadjob2',
    operation: 'create',
    database,
    command: `dbbackup create ${database}`,
    since: '2026-11-23T04:00:00.000Z',
    process: { ...(await identifyProcess(process.pid, hostname(), 'tester')), ...change },
    children: [],
  };
}

/** What makes a process another than this one, so that it is proven dead: its pid is free, or reused, or of another boot. */
export const DEATHS = {
  'its pid is free': { pid: 2 ** 22 + 1 },
  'the machine was started anew': { bootId: 'before' },
  'its pid is used again': { startTime: '1' },
} as const satisfies Record<string, Partial<LockRecord['process']>>;
