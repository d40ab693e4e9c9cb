import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findBackup } from '../../../../src/backups/directory/find-backup.ts';
import { damaged } from '../../../../src/backups/read/damaged.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { namingNewestGood, warnOfFailedProof } from '../../../../src/restore/check/newest-good.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup } from '../../backups/planted-files.ts';

const FAILED = { at: '2026-11-23T01:00:00.000Z', ok: false, problem: 'It is cut off.' };
const INSTEAD = 'shop/nightly_20 is the newest of shop that did not fail.';

/** Good ones of the 19th and 20th, and newer: two that failed, and a safety backup. */
async function shop() {
  const directory = await temporaryFolder();
  const put = (name: string, day: number, changes: Partial<Manifest> = {}, label = 'nightly'): void => {
    putBackup(directory, 'shop', { name, label, startedAt: `2026-11-${day}T03:00:00.000Z` });
    const path = `${directory}/shop/${name}.json`;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));
  };
  put('nightly_19', 19);
  put('nightly_20', 20);
  put('nightly_21', 21, { verification: FAILED });
  put('nightly_22', 22, { verification: FAILED });
  put('pre-restore_23', 23, {}, 'pre-restore');
  const backup = await findBackup(
    { reference: 'shop/latest', directory, database: undefined },
    { cwd: '/', program: 'dbbackup' },
  );
  return { directory, backup };
}

test('latest stays the newest, whatever verify said; its refusal names the newest one that did not fail', async () => {
  const { directory, backup } = await shop();
  expect(backup.name).toBe('nightly_22');

  const error = await namingNewestGood({ directory }, backup, damaged(backup.path, 'is cut off'));
  expect(error).toBeInstanceOf(DbBackupError);
  expect(error).toMatchObject({
    code: 'damaged',
    message: `${backup.path} is cut off.`,
    hint: `Nothing was touched. Use another backup; list shows them.\n${INSTEAD}`,
  });
});

test('other failures stay as they are, and so does that of the backup that an undo needs', async () => {
  const { directory, backup } = await shop();
  const locked = new DbBackupError('locked', 'Somebody else is at it.');
  expect(await namingNewestGood({ directory }, backup, locked)).toBe(locked);

  const error = damaged(backup.path, 'is cut off');
  const undoes = { job: 'x', refuseUndone: () => Promise.resolve() };
  expect(await namingNewestGood({ directory, undoes }, backup, error)).toBe(error);
});

test('a plan warns of a backup that failed before', async () => {
  const { directory, backup } = await shop();
  expect(await warnOfFailedProof({ directory }, backup)).toEqual([
    `shop/nightly_22 failed verify on 2026-11-23: It is cut off. ${INSTEAD}`,
  ]);
});
