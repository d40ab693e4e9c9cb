import type { Backup } from '../../../../src/backups/record/backup.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';

export function someManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    schema: 'dbbackup/manifest/1',
    name: 'manual_2026-11-22_00-00-00',
    label: 'manual',
    database: 'shop',
    job: '7f3a',
    startedAt: '2026-11-22T00:00:00Z',
    finishedAt: '2026-11-22T00:00:03Z',
    durationMs: 3000,
    file: {
      name: 'manual_2026-11-22_00-00-00.sql.gz',
      sizeBytes: 1_200_000,
      sha256: 'ab',
      compression: 'gzip',
      uncompressedBytes: 8_800_000,
    },
    server: { flavour: 'mariadb', version: '10.11.19', host: '', port: 0 },
    tool: { program: 'mariadb-dump', version: '10.11.19', dbbackupVersion: '1.2.3' },
    charset: 'utf8mb4',
    collation: 'utf8mb4_general_ci',
    tables: [
      { name: 'customers', engine: 'InnoDB', uncompressedBytes: 1, offsetBytes: null },
      { name: 'orders', engine: 'InnoDB', uncompressedBytes: 1, offsetBytes: null },
    ],
    counts: { views: 1, routines: 0, triggers: 0, events: 0 },
    dataLengthBytes: 2_000_000,
    longestStatementBytes: 1,
    options: {},
    warnings: [],
    ...changes,
  };
}

export function someBackup(changes: Partial<Backup> = {}): Backup {
  return {
    name: 'manual_2026-11-22_00-00-00',
    database: 'shop',
    path: '/work/backups/shop/manual_2026-11-22_00-00-00.sql.gz',
    label: 'manual',
    startedAt: '2026-11-22T00:00:00Z',
    sizeBytes: 1_200_000,
    compression: 'gzip',
    state: 'complete',
    manifest: someManifest(),
    ...changes,
  };
}
