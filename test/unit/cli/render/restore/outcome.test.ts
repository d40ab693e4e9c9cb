import { expect, test } from 'vitest';
import {
  restoreOutcomeDocument,
  restoreOutcomeText,
  undoSqlText,
} from '../../../../../src/cli/render/restore/outcome.ts';
import { someManifest } from '../some-backups.ts';
import { someRestorePlan } from '../some-plans.ts';

const OUTCOME = {
  plan: someRestorePlan(),
  job: '7f3a',
  durationMs: 3000,
  safetyBackup: { path: '/work/backups/shop/pre-restore_x.sql.gz', manifest: someManifest() },
  undoCommand: 'dbbackup restore shop/pre-restore_x --confirm shop',
  undoSql: undefined,
  lateWrites: [],
  kept: undefined,
  warnings: [],
};

test('says what was restored from what', () => {
  expect(restoreOutcomeText(OUTCOME)).toBe('shop restored from shop/manual_2026-11-22_00-00-00 in 3 s');
});

test('is a document with the way back', () => {
  expect(JSON.parse(restoreOutcomeDocument(OUTCOME))).toMatchObject({
    schema: 'dbbackup/restore/1',
    ok: true,
    restored: { database: 'shop', job: '7f3a', durationMs: 3000 },
    safetyBackup: { path: '/work/backups/shop/pre-restore_x.sql.gz' },
    undoCommand: OUTCOME.undoCommand,
  });
});

test('says in SQL what undoes a restore that replaced nothing, where no command does', () => {
  const undoSql = 'DROP TABLE `shop`.`orders`;';
  const added = { ...OUTCOME, undoCommand: undefined, undoSql };

  expect(undoSqlText(added)).toBe(`Nothing was replaced. To undo, in SQL:\n${undoSql}`);
  expect(undoSqlText({ ...OUTCOME, undoSql })).toBeUndefined();
  expect(undoSqlText(OUTCOME)).toBeUndefined();
  expect(JSON.parse(restoreOutcomeDocument(added))).toMatchObject({ undoSql });
});

test('leaves out what there is not', () => {
  const document: unknown = JSON.parse(
    restoreOutcomeDocument({ ...OUTCOME, safetyBackup: undefined, undoCommand: undefined }),
  );

  expect(document).not.toHaveProperty('safetyBackup');
  expect(document).not.toHaveProperty('undoCommand');
});
