import { expect, test } from 'vitest';
import { backupFields, renderBackupNames, renderBackups } from '../../../../src/cli/render/backups.ts';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';
import { someBackup, someManifest } from './some-backups.ts';

const NOW = new Date('2026-11-22T03:00:00Z');
const BACKUPS = [
  someBackup(),
  someBackup({ name: 'old', database: 'b\u001b[2J', state: 'unverified', manifest: undefined }),
  someBackup({ name: 'bad', state: 'damaged', problem: 'Its size does not fit.', manifest: undefined }),
];

test('is a table whose first column restore takes', () => {
  expect(renderBackups(BACKUPS, NOW, plainPaint)).toBe(
    [
      'BACKUP                           TIME                     AGE        SIZE  TABLES  STATE',
      'shop/manual_2026-11-22_00-00-00  2026-11-22 00:00:00 UTC  3 h ago  1.2 MB       2  complete',
      String.raw`b\x1b[2J/old                     2026-11-22 00:00:00 UTC  3 h ago  1.2 MB          unverified`,
      'shop/bad                         2026-11-22 00:00:00 UTC  3 h ago  1.2 MB          damaged',
      'damaged: shop/bad: Its size does not fit.',
      '',
    ].join('\n'),
  );
});

test('says when a backup was rehearsed, and how that ended', () => {
  const rehearsal = {
    at: '2026-11-22T01:00:00Z',
    job: 'bcdf2345',
    durationMs: 3_000,
    ok: true,
    server: { flavour: 'mysql', version: '9.7.4' },
    tables: 2,
  } as const;
  const state = (ok: boolean) =>
    renderBackups(
      [someBackup({ manifest: someManifest({ rehearsal: { ...rehearsal, ok } }) })],
      NOW,
      plainPaint,
    );

  expect(state(true)).toContain('  complete, rehearsed 2 h ago\n');
  expect(state(false)).toContain('  complete, rehearsal failed 2 h ago\n');
  expect(backupFields(someBackup({ manifest: someManifest({ rehearsal }) }))).toMatchObject({ rehearsal });
});

test('says of a complete backup that it failed verify or its rehearsal, and why', () => {
  const verification = { at: '2026-11-21T01:00:00Z', ok: false, problem: 'It is cut off.' };
  const shown = (manifest: Parameters<typeof someManifest>[0]): string =>
    renderBackups([someBackup({ manifest: someManifest(manifest) })], NOW, plainPaint);

  expect(shown({ verification })).toContain('  complete, failed verify 1 d ago\n');
  expect(shown({ verification })).toContain(
    '\nfailed verify: shop/manual_2026-11-22_00-00-00 on 2026-11-21: It is cut off.\n',
  );
  expect(shown({ verification: { ...verification, ok: true } })).not.toContain('failed');
  expect(backupFields(someBackup({ manifest: someManifest({ verification }) }))).toMatchObject({
    ...{ state: 'complete', verification },
  });
});

test('says what a backup without tables holds', () => {
  const counts = { views: 0, routines: 1, triggers: 0, events: 1 };
  const manifest = someManifest({ tables: [], counts, programs: { 'procedure p': 'ab' } });

  expect(renderBackups([someBackup({ manifest })], NOW, plainPaint)).toContain(
    '       0  complete, 1 procedure, 1 event\n',
  );
});

test('leaves the time out where the terminal is narrower than the table', () => {
  expect(renderBackups(BACKUPS.slice(0, 1), NOW, plainPaint, 80)).toBe(
    [
      'BACKUP                           AGE        SIZE  TABLES  STATE',
      'shop/manual_2026-11-22_00-00-00  3 h ago  1.2 MB       2  complete',
      '',
    ].join('\n'),
  );
});

test('keeps names, which are to be typed, whole on a narrow terminal as long as it can', () => {
  const manifest = someManifest({
    skippedBroken: [{ kind: 'view', name: 'turnover', reason: 'It refers to nothing.' }],
  });
  const backups = [
    someBackup({ name: 'pre-restore_2026-11-22_00-00-00', manifest }),
    someBackup({ name: 'manual_2026-11-22_00-00-00' }),
  ];
  expect(renderBackups(backups, NOW, plainPaint, 70)).toBe(
    [
      'BACKUP                                AGE        SIZE  STATE',
      'shop/pre-restore_2026-11-22_00-00-00  3 h ago  1.2 MB  complete,',
      '                                                       without 1',
      '                                                       broken object',
      'shop/manual_2026-11-22_00-00-00       3 h ago  1.2 MB  complete',
      '',
    ].join('\n'),
  );
  expect(renderBackups(backups, NOW, plainPaint, 60)).toBe(
    [
      'BACKUP                                  SIZE  STATE',
      'shop/pre-restore_2026-11-22_00-00-00  1.2 MB  complete,',
      '                                              without 1',
      '                                              broken object',
      'shop/manual_2026-11-22_00-00-00       1.2 MB  complete',
      '',
    ].join('\n'),
  );
  expect(renderBackups(backups, NOW, plainPaint, 50)).toContain(
    '\nshop/pre-restor…-11-22_00-00-00  1.2 MB  complete,\n',
  );
});

test('is one name a line for scripts', () => {
  expect(renderBackupNames(BACKUPS.slice(0, 1))).toBe('shop/manual_2026-11-22_00-00-00\n');
});

test('is flat in a document', () => {
  expect(backupFields(someBackup())).toMatchObject({
    name: 'manual_2026-11-22_00-00-00',
    state: 'complete',
    tables: 2,
    uncompressedBytes: 8_800_000,
    server: { flavour: 'mariadb' },
  });
  expect(backupFields(someBackup())).not.toHaveProperty('manifest');
});

test('says which backup can only be restored in place, and why in JSON', () => {
  const restoreOnly = { method: 'in-place', reason: 'the table m names others' } as const;
  const backup = someBackup({ manifest: someManifest({ restoreOnly }) });

  expect(renderBackups([backup], NOW, plainPaint)).toContain('  complete, in place only\n');
  expect(backupFields(backup)).toMatchObject({ restoreOnly });
});
