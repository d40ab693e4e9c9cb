import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../../src/cli/render/text/paint.ts';
import { renderRestorePlan } from '../../../../../src/cli/render/restore/plan.ts';
import type { RestorePlan } from '../../../../../src/restore/plan/restore-plan.ts';
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
        '  safety backup  made right before the swap; the undo command shown at the end restores it',
        '  method         into a staging schema, then swapped in atomically; needs about 20 MB of extra space on the server; through 2 connections',
        '  rows           loaded by an account made for it, which may do nothing else',
        '  takes          about 12 s',
        'Changes that other sessions make to shop from now on will not be in it, but in the safety backup.',
        'warning: The server is older.',
        '',
      ].join('\n'),
    );
  });

  test('promises no undo command where nothing is replaced', () => {
    const shown = renderRestorePlan(someRestorePlan({ onlyTables: ['items'] }), plainPaint);
    expect(shown).toContain(
      '  safety backup  made right before the swap; as nothing is replaced, the end shows SQL that removes what was added, and no undo command\n',
    );
  });

  test('says that a restore in place backs up first, and what is lost then', () => {
    const inPlace = someRestorePlan({ method: 'in-place', methodReason: '--in-place was given' });
    const shown = renderRestorePlan(inPlace, plainPaint);
    expect(shown).toContain('  safety backup  made first; the undo command shown at the end restores it\n');
    expect(shown).toContain('Changes that other sessions make to shop from now on will be lost.\n');
  });

  test('says when a file of another program was made only if its end line does', () => {
    const { backup } = someRestorePlan();
    const planOf = (madeAt: string | undefined) =>
      renderRestorePlan(someRestorePlan({ backup: { ...backup, startedAt: undefined, madeAt } }), plainPaint);

    expect(planOf('2026-11-22 3:00:00')).toContain('made 2026-11-22 3:00:00 by its end line, 1.2 MB');
    expect(planOf(undefined)).toContain('made at an unknown time, 1.2 MB');
  });

  test('says why the rows are loaded by the own account', () => {
    const plan = someRestorePlan({ loadAccount: { made: false, reason: '--load-account off was given' } });
    expect(renderRestorePlan(plan, plainPaint)).toContain(
      '  rows           loaded by your own account: --load-account off was given\n',
    );
  });

  test('shows what no dump program writes, and who runs it', () => {
    const rows = {
      line: 7,
      text: "INSERT INTO t VALUES (…, CONCAT('a   b'))",
      reason: 'has more than plain values among its rows',
    };
    const update = {
      line: 8,
      text: `UPDATE t SET v = '${'x '.repeat(500)}'`,
      reason: 'changes existing rows',
    };
    const planWith = (allowed: RestorePlan['allowed'], made: boolean): string =>
      renderRestorePlan(
        someRestorePlan({
          ...{ allowed, allowedCount: allowed.length },
          loadAccount: made ? { made, required: true } : { made, reason: 'it is confined' },
        }),
        plainPaint,
        undefined,
        60,
      );
    expect(planWith([rows], true)).toContain(
      [
        '1 statement that no dump program writes, run by the account',
        'that loads the rows:',
        '  line 7 has more than plain values among its rows:',
        `    ${rows.text}`,
        'Changes that',
      ].join('\n'),
    );
    expect(planWith([rows, update], false)).toContain(
      '2 statements that no dump program writes, run by your own\naccount:\n  line 7 ',
    );
    expect(planWith([rows, update], false)).toContain(
      `\n  line 8 changes existing rows:\n    ${update.text}\nChanges`,
    );
  });

  test('says that the backup was made on another server', () => {
    const { backup } = someRestorePlan();
    const server = { flavour: 'mariadb', version: '10.11.19', host: '10.0.0.5', port: 3306 } as const;
    const isFromAnotherServer = true;
    const planOf = (name: string | undefined) =>
      someRestorePlan({ backup: { ...backup, server: { ...server, name }, isFromAnotherServer } });

    expect(renderRestorePlan(planOf('db1:3306'), plainPaint)).toContain(
      '  made on        10.0.0.5:3306 (db1:3306), another server: this is db2:3306\n',
    );
    expect(renderRestorePlan(planOf(undefined), plainPaint)).toContain(
      '  made on        10.0.0.5:3306, another server: this is db2:3306\n',
    );
  });

  test('cuts long lists of names', () => {
    const tables = Array.from({ length: 22 }, (_, index) => `t${index}`);
    const text = renderRestorePlan(someRestorePlan({ removes: { ...NOTHING, tables } }), plainPaint);

    expect(text).toContain('22 tables (t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 12 more)');
  });

  test('warns of nothing when the target holds nothing', () => {
    const plan = someRestorePlan({
      target: { database: 'new', endpoint: '/s', server: {}, exists: false, holds: NOTHING },
      removes: NOTHING,
      createsDatabase: true,
      needsConfirmation: false,
      safetyBackup: 'not-needed',
      estimatedMs: undefined,
    });
    const text = renderRestorePlan(plan, plainPaint);

    expect(text).toContain('creates        the database new\n');
    expect(text).not.toMatch(/^ {2}(?:replaces|removes|takes)|lost/m);
  });

  test('does not pretend to know a time below a second', () => {
    const text = renderRestorePlan(someRestorePlan({ estimatedMs: 3 }), plainPaint);

    expect(text).toContain('takes          less than a second\n');
  });

  test('says why it is in place, and why through the stock client', () => {
    const text = renderRestorePlan(
      someRestorePlan({
        method: 'in-place',
        methodReason: '--in-place was given',
        loader: { kind: 'client', reason: 'line 7 creates a temporary table' },
      }),
      plainPaint,
    );

    expect(text).toContain(
      'in place: other sessions see tables disappear and reappear: --in-place was given; ' +
        'through the stock client alone (line 7 creates a temporary table)\n',
    );
    expect(text).not.toContain('extra space on the server');
  });

  test('says that all but the single tables stays', () => {
    const text = renderRestorePlan(
      someRestorePlan({ onlyTables: ['orders'], removes: NOTHING, stagingBytes: 4_000 }),
      plainPaint,
    );

    expect(text).toContain('only           orders; everything else stays as it is\n');
    expect(text).toContain(
      'atomically; needs about 4 kB of extra space on the server; through 2 connections\n',
    );
  });

  test('says loudly that there will be no way back', () => {
    expect(renderRestorePlan(someRestorePlan({ safetyBackup: 'declined' }), plainPaint)).toContain(
      'replaced data cannot be recovered',
    );
  });
});
