import { describe, expect, test } from 'vitest';
import {
  createOutcomeDocument,
  createOutcomeText,
  exitCodeOfOutcome,
} from '../../../../src/cli/render/create-outcome.ts';
import { DbBackupError, type ErrorCode } from '../../../../src/run/errors.ts';
import { someManifest } from './some-backups.ts';

const BACKUP = { path: '/work/backups/shop/x.sql.gz', manifest: someManifest() };
const failure = (code: ErrorCode) => ({ database: 'blog', error: new DbBackupError(code, 'No.') });

test('says what was backed up', () => {
  expect(createOutcomeText(BACKUP)).toBe('shop backed up: 2 tables, 1.2 MB in 3 s');
  const empty = { ...BACKUP.manifest, tables: [], counts: { ...BACKUP.manifest.counts, views: 0 } };
  expect(createOutcomeText({ ...BACKUP, manifest: empty })).toBe(
    'shop backed up: it is empty, 1.2 MB in 3 s',
  );
  const procedure = {
    ...empty,
    counts: { ...empty.counts, routines: 1 },
    programs: { 'procedure add_order': 'ab' },
  };
  expect(createOutcomeText({ ...BACKUP, manifest: procedure })).toBe(
    'shop backed up: no tables, 1 procedure, 1.2 MB in 3 s',
  );
  const skipped = { ...empty, options: { routines: false } };
  expect(createOutcomeText({ ...BACKUP, manifest: skipped })).toBe(
    'shop backed up: no tables, 1.2 MB in 3 s',
  );
});

describe('exitCodeOfOutcome', () => {
  test.each<{ title: string; backups: number; codes: ErrorCode[]; exitCode: number }>([
    { title: 'ok when all worked', backups: 2, codes: [], exitCode: 0 },
    { title: 'partial when some worked', backups: 1, codes: ['locked'], exitCode: 3 },
    { title: 'the common code when all failed alike', backups: 0, codes: ['locked', 'locked'], exitCode: 11 },
    { title: 'failed when all failed differently', backups: 0, codes: ['locked', 'no-space'], exitCode: 1 },
  ])('is $title', ({ backups, codes, exitCode }) => {
    const outcome = { backups: Array.from({ length: backups }, () => BACKUP), failures: codes.map(failure) };

    expect(exitCodeOfOutcome(outcome)).toBe(exitCode);
  });
});

test('is a document with the manifest and the path', () => {
  expect(JSON.parse(createOutcomeDocument({ backups: [BACKUP], failures: [] }))).toMatchObject({
    schema: 'dbbackup/create/1',
    ok: true,
    backups: [{ database: 'shop', path: '/work/backups/shop/x.sql.gz', durationMs: 3000 }],
  });
});

test('is not ok with a failure, which it names', () => {
  expect(
    JSON.parse(createOutcomeDocument({ backups: [BACKUP], failures: [failure('locked')] })),
  ).toMatchObject({
    ok: false,
    exitCode: 3,
    backups: [{ database: 'shop' }],
    failures: [{ database: 'blog', error: { code: 'locked', message: 'No.' } }],
  });
});
