import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';
import {
  exitCodeOfVerifications,
  renderVerification,
  verificationsDocument,
} from '../../../../src/cli/render/verification.ts';
import type { Verification } from '../../../../src/verify/verify-backups.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';
import type { ErrorCode } from '../../../../src/run/errors.ts';
import { proofOf } from '../../../../src/verify/proof.ts';
import { someBackup } from './some-backups.ts';

function someVerification(changes: Partial<Verification> = {}, further = ''): Verification {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: undefined });
  reader.push(Buffer.from(`CREATE TABLE t (id INT);\n${further}-- Dump completed\n`));
  const findings = reader.finish();
  const backup = someBackup();
  return {
    reference: 'shop/manual_2026-11-22_00-00-00',
    backup,
    durationMs: 3_000,
    verified: { findings, uncompressedBytes: 8_800_000, sha256: 'ab' },
    proof: proofOf(backup, findings, undefined),
    rehearsal: undefined,
    error: undefined,
    ...changes,
  };
}

const failed = (code: ErrorCode) =>
  someVerification({ verified: undefined, proof: undefined, error: new DbBackupError(code, 'It is bad.') });

describe('renderVerification', () => {
  test('fits the terminal', () => {
    const lines = renderVerification(someVerification(), plainPaint, 50).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(lines).toContain('  checked      all 2 tables of the manifest are');
    expect(lines).toContain('               present, with matching sizes');
  });

  test('says what a backup holds, what was proved and what not', () => {
    expect(renderVerification(someVerification(), plainPaint)).toBe(
      [
        'OK  shop/manual_2026-11-22_00-00-00: 1.2 MB, 8.8 MB of SQL, 1 table, verified in 3 s',
        '  checked      the sha256 of the file matches the manifest',
        '  checked      the file decompresses to its end',
        "  checked      the final '-- Dump completed' line is present",
        '  checked      all 2 tables of the manifest are present, with matching sizes',
        '  checked      no statement reaches outside of one database (1 checked)',
        '  not checked  whether a server accepts it: --rehearse',
        '',
      ].join('\n'),
    );
  });

  test('says what should be known of a dump that cannot be taken apart', () => {
    const text = renderVerification(someVerification({}, 'SET CHARACTER SET utf8mb4;\n'), plainPaint);

    expect(text).toContain(
      '  note         it can only be restored in place: line 2 sets another charset in the middle, so the dump cannot be split\n',
    );
  });

  test('says what a rehearsal proved, and how long a restore takes', () => {
    const rehearsal = {
      at: '2026-11-22T01:00:00Z',
      job: 'bcdf2345',
      durationMs: 90_000,
      ok: true,
      server: { flavour: 'mysql', version: '9.7.4' },
      tables: 1,
      rows: 7,
    } as const;
    const { backup, verified } = someVerification();
    const proof = proofOf(backup!, verified!.findings, rehearsal);
    const text = renderVerification(someVerification({ proof, rehearsal }), plainPaint);

    expect(text).toContain(
      [
        '  checked      mysql 9.7.4 accepts it: it then has 1 table and 7 rows, like the dump',
        '  not checked  whether each value arrived unchanged: only rows were counted',
        '  restore      takes about 1 min 30 s on that server',
      ].join('\n'),
    );
    expect(JSON.parse(verificationsDocument([someVerification({ proof, rehearsal })]))).toMatchObject({
      results: [{ ok: true, rehearsal: { ok: true, rows: 7, durationMs: 90_000 } }],
    });
  });

  test('says nothing of one that failed, which is told as an error', () => {
    expect(renderVerification(failed('damaged'), plainPaint)).toBe('');
  });
});

test.each<[codes: readonly ErrorCode[], exitCode: number]>([
  [[], 0],
  [['damaged'], 16],
  [['unsafe'], 19],
  [['unsafe', 'tool-missing', 'damaged'], 16],
  [['tool-missing', 'unsafe'], 19],
  [['tool-missing'], 15],
  [['tool-missing', 'no-space'], 1],
  [['damaged', 'interrupted'], 130],
])('among failures of the codes %j the exit code is %i', (codes, exitCode) => {
  expect(exitCodeOfVerifications([someVerification(), ...codes.map(failed)])).toBe(exitCode);
});

describe('verificationsDocument', () => {
  test('has a result for each backup', () => {
    expect(JSON.parse(verificationsDocument([someVerification()]))).toMatchObject({
      schema: 'dbbackup/verify/1',
      ok: true,
      results: [{ ok: true, name: 'manual_2026-11-22_00-00-00', tables: 1, counts: { views: 0 } }],
    });
  });

  test('is not ok when one of them is not', () => {
    expect(JSON.parse(verificationsDocument([someVerification(), failed('damaged')]))).toMatchObject({
      ok: false,
      exitCode: 16,
      results: [{ ok: true }, { ok: false, error: { code: 'damaged', message: 'It is bad.' } }],
    });
  });
});
