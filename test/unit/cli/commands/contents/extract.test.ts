import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../../../../src/cli/main.ts';
import { temporaryFolder } from '../../../../harness/workspace.ts';
import { plantBackup, SHOP } from '../../../contents/planted-dump.ts';
import { fakeContext } from '../../process/fake-context.ts';

async function extracted(isTty: boolean, ...args: readonly string[]) {
  const context = fakeContext({ isTty: { stdin: false, stdout: isTty, stderr: isTty } });
  const exitCode = await main(['extract', ...args], context);
  return { exitCode, ...context.written };
}

test('gives the SQL on stdout, and says on stderr what is not proven', async () => {
  const { path } = await plantBackup(SHOP);
  const { exitCode, stdout, stderr } = await extracted(false, path, '--table', 'a');

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^-- MySQL dump [^]*CREATE TABLE `a`[^]*-- Dump completed[^\n]*\n$/);
  expect(stderr).toMatch(/of SQL extracted; .* of .* read\n/);
  expect(stderr).toContain('The parts that were read have the right checksums and lengths.');
  expect(stderr).toContain(`dbbackup verify ${path} --dir /work/backups\n`);
});

test('says nothing but the SQL with --quiet, and no more than that at a terminal', async () => {
  const { path } = await plantBackup(SHOP);

  expect(await extracted(false, path, '--quiet')).toEqual({ exitCode: 0, stdout: SHOP, stderr: '' });
  expect(await extracted(true, path)).toEqual({ exitCode: 0, stdout: SHOP, stderr: '' });
});

test('gives the path of a file, or a document', async () => {
  const { path } = await plantBackup(SHOP);
  const folder = await temporaryFolder();
  const [one, other] = [join(folder, 'one.sql'), join(folder, 'other.sql')];

  expect(await extracted(false, path, '--output', one, '-q')).toEqual({
    exitCode: 0,
    stdout: `${one}\n`,
    stderr: '',
  });
  expect(readFileSync(one, 'utf8')).toBe(SHOP);
  const { stdout } = await extracted(false, path, '--table', 'a', '--output', other, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'dbbackup/extract/1',
    ...{ ok: true, path: other, tables: ['a'], proof: 'checksums-and-lengths' },
    backup: { path, database: 'shop' },
  });
});
