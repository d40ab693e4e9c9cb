import type { Health } from '../../../../../src/health/check-health.ts';
import { DEFAULT_THRESHOLDS, type Verdict, worstLevel } from '../../../../../src/health/check.ts';
import type { DatabaseSummary } from '../../../../../src/health/history/summary.ts';

export function someDatabase(changes: Partial<DatabaseSummary> = {}): DatabaseSummary {
  return {
    ...{ database: 'shop', level: 'ok', completeBackups: 3, isBackingUp: false },
    lastBackup: {
      ...{ name: 'nightly_2026-11-22_10-00-00', label: 'nightly', finishedAt: '2026-11-22T10:00:00.000Z' },
      ...{ durationMs: 1500, sizeBytes: 1_200_000, uncompressedBytes: 8_800_000 },
    },
    lastRehearsalAt: undefined,
    lastVerificationAt: undefined,
    ...changes,
  };
}

/** Two hours after the last backup. */
export function someHealth(checks: readonly Verdict[], changes: Partial<Health> = {}): Health {
  return {
    ...{ directory: '/backups', checkedAt: '2026-11-22T12:00:00.000Z', checks },
    level: worstLevel(checks),
    thresholds: DEFAULT_THRESHOLDS,
    databases: [someDatabase()],
    notChecked: [{ check: 'copies', threshold: 'minCopies' }],
    ...changes,
  };
}

export const FINE: Verdict = { level: 'ok', check: 'age', database: 'shop', message: 'shop is OK.' };
export const OLD: Verdict = {
  ...{ level: 'critical', check: 'age', database: 'shop', message: 'shop is old.' },
  fix: ['dbbackup create shop'],
};
export const LEFT: Verdict = {
  level: 'warning',
  check: 'leftovers',
  database: 'shop',
  message: 'There is a file.',
};
export const UNSEEN: Verdict = { level: 'unknown', check: 'readable', message: 'A folder cannot be read.' };
