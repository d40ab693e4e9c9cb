import type { EndedRun } from '../../../../src/cli/after/ended-run.ts';

/** A backup of shop that succeeded. */
export function someRun(changes: Partial<EndedRun> = {}): EndedRun {
  return {
    command: 'create',
    exitCode: 0,
    databases: ['shop'],
    backups: ['/b/shop/manual_2026-11-22_03-00-00.sql.gz'],
    error: '',
    message: 'dbbackup create: exit code 0 (ok)\nshop backed up: 3 tables, 191 kB in 305 ms',
    document: '{"schema":"dbbackup/create/1","ok":true}\n',
    jobs: [],
    ...changes,
  };
}

/** For those that hang. */
export const QUICK = {
  ping: { tries: 5, tryMs: 150, pauseMs: 5, totalMs: 400 },
  hookMs: 1500,
  hookKillMs: 200,
  cancelledMs: 300,
};

/** For all others: this machine may be busy. */
export const PATIENT = {
  ping: { tries: 5, tryMs: 20_000, pauseMs: 5, totalMs: 20_000 },
  hookMs: 20_000,
  hookKillMs: 200,
  cancelledMs: 20_000,
};

export const NEVER = new AbortController().signal;
