import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../src/cli/render/paint.ts';
import { renderRestorePlan } from '../../../../src/cli/render/restore-plan.ts';
import { NOTHING, someRestorePlan } from '../some-plans.ts';

describe('renderRestorePlan', () => {
  test('says what is replaced, added and removed, and what is lost', () => {
    expect(renderRestorePlan(someRestorePlan({ warnings: ['The server is older.'] }), plainPaint)).toBe(
      [
        'Restore shop/manual_2026-11-22_00-00-00 into shop on 127.0.0.1:3306',
        '  backup         made 2026-11-22 00:00:00 UTC, 1.2 MB, 8.8 MB of SQL',
        '  replaces       2 tables (customers, orders)',
        '  adds           1 view (totals)',
        '  removes        1 table (scratch), which the backup does not hold',
        '  safety backup  made first; the undo command at the end restores it',
        '  method         in place: while it runs, others see tables go and come back',
        '  takes          about 12 s',
        'What others write to shop from now on is lost.',
        'warning: The server is older.',
        '',
      ].join('\n'),
    );
  });

  test('cuts long lists of names', () => {
    const tables = Array.from({ length: 22 }, (_, index) => `t${index}`);
    const text = renderRestorePlan(someRestorePlan({ removes: { ...NOTHING, tables } }), plainPaint);

    expect(text).toContain('22 tables (t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 12 more)');
  });

  test('warns of nothing when the target holds nothing', () => {
    const plan = someRestorePlan({
      target: { database: 'new', endpoint: '/s', exists: false, holds: NOTHING },
      removes: NOTHING,
      createsDatabase: true,
      needsConfirmation: false,
      safetyBackup: 'not-needed',
      estimatedMs: undefined,
    });
    const text = renderRestorePlan(plan, plainPaint);

    expect(text).toContain('creates        the database new\n');
    expect(text).not.toMatch(/replaces|removes|lost|takes/);
  });

  test('says loudly that there will be no way back', () => {
    expect(renderRestorePlan(someRestorePlan({ safetyBackup: 'declined' }), plainPaint)).toContain(
      'gone for good',
    );
  });
});
