import type { Subject, Thresholds } from '../../../src/health/check.ts';
import { DEFAULT_THRESHOLDS } from '../../../src/health/check.ts';
import type { DatabaseHistory, History } from '../../../src/health/history/history.ts';
import type { Backup } from '../../../src/backups/record/backup.ts';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { backupName } from '../../../src/backups/record/backup-name.ts';
import { commandText } from '../../../src/run/further-command.ts';
import { someBackup, someManifest } from '../cli/render/some-backups.ts';

export const NOW = new Date('2026-11-22T12:00:00Z');

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const MIB = 1024 * 1024;

/** That long before NOW, as RFC 3339. */
export function before(ageMs: number): string {
  return new Date(NOW.getTime() - ageMs).toISOString();
}

/** A complete backup of shop that was finished that long before NOW, in no time. */
export function backupOf(
  ageMs: number,
  manifest: Partial<Manifest> = {},
  changes: Partial<Backup> = {},
): Backup {
  const at = before(ageMs);
  const { label = 'nightly', database = 'shop' } = manifest;
  const name = backupName(label, new Date(at));
  const full = someManifest({ startedAt: at, finishedAt: at, name, label, database, ...manifest });
  return someBackup({ name, label, database, startedAt: at, manifest: full, ...changes });
}

/** The parts of a manifest that say how large it and its tables are. */
export function sized(
  tables: Readonly<Record<string, number>>,
  uncompressedBytes?: number,
): Partial<Manifest> {
  const sum = Object.values(tables).reduce((total, bytes) => total + bytes, 0);
  return {
    file: { ...someManifest().file, uncompressedBytes: uncompressedBytes ?? sum },
    tables: Object.entries(tables).map(([name, bytes]) => ({
      ...{ name, engine: 'InnoDB', uncompressedBytes: bytes, offsetBytes: null },
    })),
  };
}

export function shop(changes: Partial<DatabaseHistory> = {}): DatabaseHistory {
  return { database: 'shop', backups: [], creates: [], leftovers: [], ...changes };
}

/** What a check is given: a directory with these databases. */
export function subject(
  databases: readonly DatabaseHistory[],
  thresholds: Partial<Thresholds> = {},
  history: Partial<History> = {},
): Subject {
  return {
    history: {
      ...{
        directory: '/backups',
        exists: true,
        now: NOW,
        databases,
        jobs: [],
        elsewhere: new Map(),
        spaces: [],
        unread: [],
      },
      ...{ excluded: [], unseen: [] },
      ...history,
    },
    thresholds: { ...DEFAULT_THRESHOLDS, ...thresholds },
    commandHere: (command, operands, options = []) => commandText(command, operands, options),
  };
}
