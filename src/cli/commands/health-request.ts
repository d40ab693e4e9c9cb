import { DEFAULT_THRESHOLDS, type Thresholds } from '../../health/check.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import { HEALTH_FORMATS, type HealthFormat } from '../../settings/table/health-settings.ts';
import { badValue, type Lookup } from '../../settings/values/given-text.ts';
import { parseAge, parseCopies, parseShare } from '../../settings/values/thresholds.ts';

/** How `health` is to tell what it found. @throws {DbBackupError} `usage`. */
export function healthFormat({ format, json }: FlagValues): HealthFormat {
  if (typeof format !== 'string') return json === undefined ? 'text' : 'json';
  const known = HEALTH_FORMATS.find((name) => name === format);
  if (known === undefined)
    throw badValue(
      { text: format, source: '--format', isFlag: true },
      `${HEALTH_FORMATS.slice(0, -1).join(', ')} or prometheus`,
    );
  if (json !== undefined && known !== 'json') {
    throw new DbBackupError('usage', `--json and --format ${known} were both given.`, {
      hint: 'use only one of them',
    });
  }
  return known;
}

/** When something is wrong, by the settings. Pure. @throws {DbBackupError} `usage`. */
export function healthThresholds(given: Lookup): Thresholds {
  return {
    maxAgeMs: parseAge(given('max-age'), DEFAULT_THRESHOLDS.maxAgeMs),
    maxSizeDrop: parseShare(given('max-size-drop'), DEFAULT_THRESHOLDS.maxSizeDrop),
    maxVerifyAgeMs: parseAge(given('max-verify-age'), DEFAULT_THRESHOLDS.maxVerifyAgeMs),
    maxRehearsalAgeMs: parseAge(given('max-rehearsal-age'), DEFAULT_THRESHOLDS.maxRehearsalAgeMs),
    minCopies: parseCopies(given('min-copies')),
  };
}

/** @throws {DbBackupError} `usage` when databases are named although all of the server are asked for. */
export function refuseNamesOfAll(databases: readonly string[], flags: FlagValues): void {
  if (databases.length === 0 || flags['all-databases'] === undefined) return;
  throw new DbBackupError('usage', '--all-databases and names of databases were both given.', {
    hint: 'use only one of them',
  });
}
