import { expect, test } from 'vitest';
import {
  renderUndoPlan,
  undoOutcomeDocument,
  undoOutcomeText,
} from '../../../../../src/cli/render/restore/undo.ts';
import { plainPaint } from '../../../../../src/cli/render/text/paint.ts';
import type { SwapBackPlan, UndoOutcome } from '../../../../../src/restore/undo/request.ts';
import { NOTHING } from '../../../../../src/sql/definitions/object-names.ts';

const PLAN: SwapBackPlan = {
  method: 'swap',
  restore: {
    job: 'hw3snywf',
    database: 'shop',
    startedAt: '2026-11-22T03:00:00Z',
    backup: 'manual_2026-11-21_03-00-00',
    undoes: undefined,
  },
  later: [],
  target: {
    database: 'shop',
    endpoint: 'db:3306',
    server: { identity: 'uuid' },
    exists: true,
    holds: { ...NOTHING, tables: ['orders', 'since'] },
  },
  brings: { ...NOTHING, tables: ['customers', 'orders'] },
  removes: { ...NOTHING, tables: ['since'] },
  onlyTables: undefined,
  writtenSince: ['orders'],
  keeping: { forMs: 86_400_000, sizeBytes: 1_200_000_000 },
  createsDatabase: false,
  needsConfirmation: true,
  warnings: [],
};

const OUTCOME: UndoOutcome = {
  plan: PLAN,
  job: 'rd5txdjd',
  durationMs: 120,
  kept: { until: '2026-11-23T04:00:00.000Z', forMs: 86_400_000, sizeBytes: 1_200_000_000 },
  safetyBackup: undefined,
  undoCommand: 'dbbackup undo rd5txdjd --confirm shop --dir /b',
  warnings: [],
};

test('the plan of an undo says what comes back, what goes, and what was written since', () => {
  expect(renderUndoPlan(PLAN, plainPaint)).toBe(
    [
      'Undo the restore hw3snywf of shop',
      '  restored       2026-11-22 03:00:00 UTC, from manual_2026-11-21_03-00-00',
      '  replaces       1 table (orders)',
      '  brings back    1 table (customers)',
      '  removes        1 table (since), which was not there before',
      '  written since  orders; this is kept with the rest',
      '  keeps          what it replaces for 1 d, for a redo; takes 1.2 GB on the server',
      '  method         the previous tables, which were kept, are swapped back atomically',
      '',
    ].join('\n'),
  );
});

test('the plan says that it is a redo, and where nothing is replaced', () => {
  const restore = { ...PLAN.restore, backup: undefined, undoes: 'bcdf2345' };
  const text = renderUndoPlan({ ...PLAN, restore, keeping: undefined }, plainPaint);
  expect(text).toContain('Redo the restore bcdf2345 of shop, by undoing its undo hw3snywf\n');
  expect(text).toContain('nothing: nothing is replaced');
});

test('the plan names restores that came later, whose result goes, too', () => {
  const at = { database: 'shop', startedAt: '2026-11-23T03:00:00Z' };
  const later = [
    { ...at, job: 'ldtr2345', backup: 'manual_2026-11-22_03-00-00', undoes: undefined },
    { ...at, job: 'vndv2345', backup: undefined, undoes: 'bcdf2345' },
  ];
  expect(
    renderUndoPlan({ ...PLAN, later }, plainPaint)
      .split('\n')
      .slice(2, 4),
  ).toEqual([
    '  undoes too     the restore ldtr2345 of 2026-11-23 03:00:00 UTC, from manual_2026-11-22_03-00-00, which came later',
    '  undoes too     the undo vndv2345 of bcdf2345 of 2026-11-23 03:00:00 UTC, which came later',
  ]);
});

test('the outcome says in which state the database is, and until when the other one is kept', () => {
  expect(undoOutcomeText(OUTCOME)).toBe(
    'shop is as it was before the restore hw3snywf, in 120 ms; what was replaced is kept until 2026-11-23 04:00:00 UTC',
  );
  expect(JSON.parse(undoOutcomeDocument(OUTCOME))).toEqual({
    schema: 'dbbackup/undo/1',
    ok: true,
    undone: {
      database: 'shop',
      endpoint: 'db:3306',
      restore: {
        job: 'hw3snywf',
        database: 'shop',
        startedAt: '2026-11-22T03:00:00Z',
        backup: 'manual_2026-11-21_03-00-00',
      },
      method: 'swap',
      later: [],
      writtenSince: ['orders'],
      job: 'rd5txdjd',
      durationMs: 120,
    },
    kept: OUTCOME.kept,
    undoCommand: OUTCOME.undoCommand,
    warnings: [],
  });
});
