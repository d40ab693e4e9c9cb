import { DbBackupError } from '../../../run/errors.ts';
import type { Health } from '../../../health/check-health.ts';
import { bySeverity, type Level } from '../../../health/check.ts';
import type { DatabaseSummary } from '../../../health/history/summary.ts';
import { countText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** What monitoring plugins end with: https://www.monitoring-plugins.org/doc/guidelines.html */
const PLUGIN_CODES: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** By exit code. */
export const PLUGIN_CODE_NAMES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** A line that is too long is cut by the monitor, with the performance data behind it. */
const MOST_MESSAGES = 5;

export function exitCodeOfPlugin(level: Level): number {
  return PLUGIN_CODES[level];
}

/** The one line of a plugin: status, what is wrong (the worst first), and performance data behind `|`. */
export function renderPlugin({ level, checks, databases, checkedAt, thresholds }: Health): string {
  const wrong = bySeverity({ checks })
    .filter((verdict) => verdict.level !== 'ok')
    .map(({ message }) => message.split('\n').join(' '));
  const more = wrong.length - MOST_MESSAGES;
  const text =
    wrong.length === 0
      ? `${countText(databases.length, 'database')} OK`
      : [...wrong.slice(0, MOST_MESSAGES), ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
  const now = new Date(checkedAt).getTime();
  const data = databases.flatMap((database) => performanceData(database, now, thresholds.maxAgeMs));
  return line(level, text, data);
}

/** The same when nothing could be checked. */
export function pluginFailure(error: unknown): string {
  const message = error instanceof DbBackupError ? error.message : `A bug in dbbackup: ${String(error)}`;
  return line('unknown', message.split('\n').join(' '), []);
}

function line(level: Level, text: string, data: readonly string[]): string {
  const status = `DBBACKUP ${level.toUpperCase()} - ${plainText(text)}`;
  return data.length === 0 ? `${status}\n` : `${status} | ${data.join(' ')}\n`;
}

/** A bar would begin the performance data. */
function plainText(text: string): string {
  return safeText(text).replaceAll('|', '/');
}

/** `'shop_age'=7200s;;93600;0`: value and unit, warning, critical, least. */
function performanceData(
  { database, lastBackup }: DatabaseSummary,
  nowMs: number,
  maxAgeMs: number | undefined,
): readonly string[] {
  if (lastBackup === undefined) return [];
  const ageS = Math.max(0, Math.round((nowMs - new Date(lastBackup.finishedAt).getTime()) / 1000));
  const critical = maxAgeMs === undefined ? '' : Math.round(maxAgeMs / 1000);
  return [
    `${dataLabel(`${database}_age`)}=${ageS}s;;${critical};0`,
    `${dataLabel(`${database}_size`)}=${lastBackup.sizeBytes}B;;;0`,
    `${dataLabel(`${database}_duration`)}=${lastBackup.durationMs / 1000}s;;;0`,
  ];
}

/** A label has no equals sign; a quote is doubled. */
function dataLabel(text: string): string {
  return `'${plainText(text).replaceAll('=', '_').replaceAll("'", "''")}'`;
}
