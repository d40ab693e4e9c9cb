import { expect, test } from 'vitest';
import { renderHealthMetrics } from '../../../../../src/cli/render/health/prometheus.ts';
import { metricsOf } from '../../../../../src/health/metrics/metrics-of-history.ts';
import { parseExposition } from '../../../../harness/exposition.ts';
import { backupOf, shop } from '../../../health/some-history.ts';
import { FINE, LEFT, OLD, someDatabase, someHealth, UNSEEN } from './some-health.ts';

test('gives the worst of each check and database, and the newest backup', () => {
  const crm = someDatabase({ database: 'c"r\\m', lastBackup: undefined, completeBackups: 0 });
  const health = someHealth([FINE, OLD, LEFT, UNSEEN, { ...FINE, database: 'c"r\\m' }], {
    databases: [someDatabase(), crm],
  });

  expect(
    parseExposition(renderHealthMetrics(health)).map(({ name, labels, value }) => [
      name.replace('dbbackup_health_', ''),
      ...Object.values(labels),
      value,
    ]),
  ).toEqual([
    ['status', 2],
    ['check_status', 'age', 'shop', 2],
    ['check_status', 'leftovers', 'shop', 1],
    ['check_status', 'readable', '', 3],
    ['check_status', 'age', 'c"r\\m', 0],
    ['checked_timestamp_seconds', 1_795_348_800],
    ['newest_backup_timestamp_seconds', 'shop', 1_795_341_600],
    ['newest_backup_size_bytes', 'shop', 1_200_000],
    ['backups', 'shop', 3],
    ['backups', 'c"r\\m', 0],
  ]);
});

test('shares no name with --metrics-file: a collector refuses two files that say the same', () => {
  const ofHealth = parseExposition(renderHealthMetrics(someHealth([FINE]))).map(({ name }) => name);
  const ofRuns = metricsOf({
    now: new Date('2026-11-22T12:00:00Z'),
    directory: '/b',
    jobs: [],
    databases: [shop({ backups: [backupOf(0)] })],
  });

  expect(ofRuns.filter(({ name }) => ofHealth.includes(name))).toEqual([]);
});
