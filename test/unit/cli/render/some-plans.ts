import type { RestorePlan } from '../../../../src/restore/plan/restore-plan.ts';
import type { ObjectNames } from '../../../../src/sql/definitions/object-names.ts';

export const NOTHING: ObjectNames = { tables: [], views: [], routines: [], triggers: [], events: [] };

/** Restores shop from last night; the target holds three tables, one of which the backup does not hold. */
export function someRestorePlan(changes: Partial<RestorePlan> = {}): RestorePlan {
  return {
    backup: {
      reference: 'shop/manual_2026-11-22_00-00-00',
      path: '/work/backups/shop/manual_2026-11-22_00-00-00.sql.gz',
      database: 'shop',
      startedAt: '2026-11-22T00:00:00Z',
      madeAt: undefined,
      sizeBytes: 1_200_000,
      uncompressedBytes: 8_800_000,
      state: 'complete',
      server: undefined,
      isFromAnotherServer: false,
    },
    target: {
      database: 'shop',
      endpoint: '127.0.0.1:3306',
      server: { identity: 'b', name: 'db2:3306' },
      exists: true,
      holds: { ...NOTHING, tables: ['customers', 'orders', 'scratch'] },
    },
    brings: { ...NOTHING, tables: ['customers', 'orders'], views: ['totals'] },
    loadAccount: { made: true, required: false },
    ...{ allowed: [], allowedCount: 0 },
    removes: { ...NOTHING, tables: ['scratch'] },
    keeps: NOTHING,
    spares: NOTHING,
    onlyTables: undefined,
    createsDatabase: false,
    needsConfirmation: true,
    safetyBackup: 'made',
    method: 'staging',
    methodReason: undefined,
    loader: { kind: 'parallel', connections: 2 },
    stagingBytes: 20_000_000,
    estimatedMs: 12_000,
    warnings: [],
    ...changes,
  };
}
