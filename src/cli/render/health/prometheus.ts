import type { Health } from '../../../health/check-health.ts';
import { type CheckName, type Level, worstLevel } from '../../../health/check.ts';
import { type MetricFamily, renderExposition, seconds } from '../../../health/metrics/exposition.ts';

/** As in the other monitors' convention. */
const STATUS: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/**
 * `health` in the text format of Prometheus. None of the names is one of `--metrics-file`: a collector refuses two files
 * that say the same.
 */
export function renderHealthMetrics({ checks, databases, level, checkedAt }: Health): string {
  const subjects = new Map<string, { readonly check: CheckName; readonly database: string }>();
  for (const { check, database = '' } of checks) subjects.set(`${check} ${database}`, { check, database });
  const ofDatabases = (
    name: string,
    help: string,
    valueOf: (database: Health['databases'][number]) => number | undefined,
  ): MetricFamily => ({
    ...{ name, help },
    samples: databases.flatMap((each) => {
      const value = valueOf(each);
      return value === undefined ? [] : [{ labels: { database: each.database }, value }];
    }),
  });
  return renderExposition([
    {
      name: 'dbbackup_health_status',
      help: 'The worst of all checks: 0 OK, 1 warning, 2 critical, 3 unknown.',
      samples: [{ labels: {}, value: STATUS[level] }],
    },
    {
      name: 'dbbackup_health_check_status',
      help: 'The worst of one check of one database (none: of the backup directory): 0 OK, 1 warning, 2 critical, 3 unknown.',
      samples: [...subjects.values()].map(({ check, database }) => ({
        labels: { check, database },
        value:
          STATUS[
            worstLevel(checks.filter((each) => each.check === check && (each.database ?? '') === database))
          ],
      })),
    },
    {
      name: 'dbbackup_health_checked_timestamp_seconds',
      help: 'When the checks were made.',
      samples: [{ labels: {}, value: seconds(checkedAt) }],
    },
    ofDatabases(
      'dbbackup_health_newest_backup_timestamp_seconds',
      'When the newest complete backup was finished.',
      ({ lastBackup }) => lastBackup && seconds(lastBackup.finishedAt),
    ),
    ofDatabases(
      'dbbackup_health_newest_backup_size_bytes',
      'Size of the newest complete backup.',
      ({ lastBackup }) => lastBackup?.sizeBytes,
    ),
    ofDatabases(
      'dbbackup_health_backups',
      'How many complete backups there are.',
      (each) => each.completeBackups,
    ),
  ]);
}
