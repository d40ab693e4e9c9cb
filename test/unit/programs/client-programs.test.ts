import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findClientProgram, parseClientHelp } from '../../../src/programs/client-programs.ts';
import { childEnvironment, findOnPath } from '../../../src/programs/child-environment.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const NEVER = new AbortController().signal;

const HELP = {
  mariadb1011: 'mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)',
  mariadb118: 'mariadb-dump from 11.8.6-MariaDB, client 10.19 for debian-linux-gnu (x86_64)',
  mysql97: 'mysqldump  Ver 9.7.4-2 for Linux on x86_64 (MySQL Community Server - GPL)',
  mysql57: 'mysqldump  Ver 10.13 Distrib 5.7.44, for Linux (x86_64)',
} as const;

/** A folder with programs that print this, as `--help`. */
async function programs(printed: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, help] of Object.entries(printed)) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho '${help}'\necho '  --quick  Do not buffer.'\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

describe('parseClientHelp', () => {
  test.each([
    [HELP.mariadb1011, 'mariadb', '10.11.19'],
    [HELP.mariadb118, 'mariadb', '11.8.6'],
    [HELP.mysql97, 'mysql', '9.7.4'],
    [HELP.mysql57, 'mysql', '5.7.44'],
  ])('reads %s', (help, flavour, version) => {
    expect(parseClientHelp(help)).toMatchObject({ flavour, version });
  });

  test('collects the long options', () => {
    const help = `${HELP.mysql97}\n  --column-statistics Add ANALYZE.\n  -q, --quick (Use --skip-quick.)\n`;

    expect([...(parseClientHelp(help)?.options ?? [])]).toEqual(['column-statistics', 'quick', 'skip-quick']);
  });

  test('does not take just any program for one', () => {
    expect(parseClientHelp('usage: mysqldump [options]')).toBeUndefined();
  });
});

describe('findClientProgram', () => {
  const find = (flavour: 'mariadb' | 'mysql', PATH: string) =>
    findClientProgram('dump', flavour, { PATH: `${PATH}:/usr/bin-of-nobody` }, NEVER);

  test('takes the name that is not deprecated', async () => {
    const folder = await programs({ mysqldump: HELP.mariadb118, 'mariadb-dump': HELP.mariadb118 });

    expect(await find('mariadb', folder)).toMatchObject({
      file: join(folder, 'mariadb-dump'),
      program: 'mariadb-dump',
      version: '11.8.6',
      options: new Set(['quick']),
    });
  });

  test('looks at what a program is, not at its name', async () => {
    const mariadb = await programs({ mysqldump: HELP.mariadb118 });
    const mysql = await programs({ 'mariadb-dump': HELP.mysql97 });

    expect(await find('mysql', `${mariadb}:${mysql}`)).toMatchObject({
      program: 'mariadb-dump',
      flavour: 'mysql',
    });
  });

  test('takes the other flavour where there is nothing else', async () => {
    const folder = await programs({ 'mariadb-dump': HELP.mariadb118 });

    expect(await find('mysql', folder)).toMatchObject({ flavour: 'mariadb' });
  });

  test.each([
    ['mariadb', 'apt install mariadb-client', 'mariadb-dump and mysqldump'],
    ['mysql', 'apt install mysql-client', 'mysqldump and mariadb-dump'],
  ] as const)('without any for %s: names the package and the PATH', async (flavour, hint, names) => {
    const folder = await temporaryFolder();

    await expect(find(flavour, folder)).rejects.toMatchObject({
      code: 'tool-missing',
      message: `${names} are not installed or not on the PATH (${folder}:/usr/bin-of-nobody).`,
      hint: expect.stringContaining(hint),
    });
  });

  test('without a PATH: says so', async () => {
    await expect(findClientProgram('load', 'mysql', {}, NEVER)).rejects.toMatchObject({
      message: 'mysql and mariadb are not installed or not on the PATH (which is empty).',
    });
  });

  test('says which program does not tell its version', async () => {
    const folder = await programs({ mysqldump: 'something else' });

    await expect(find('mysql', folder)).rejects.toMatchObject({
      code: 'tool-missing',
      message: `${folder}/mysqldump does not report its version.`,
      hint: `Run \`${folder}/mysqldump --version\`; its output must name MariaDB or MySQL.`,
    });
  });
});

describe('findOnPath', () => {
  test('passes over folders, files that cannot be run, and relative parts of the PATH', async () => {
    const folder = await temporaryFolder();
    for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'a/zstd'));
    writeFileSync(join(folder, 'b/zstd'), '', { mode: 0o644 });
    symlinkSync('/nonexistent', join(folder, 'c/zstd'));
    symlinkSync('/bin/sh', join(folder, 'd/zstd'));
    const path = ['relative', '', '.', ...['a', 'b', 'c', 'd'].map((name) => join(folder, name))].join(':');

    expect(await findOnPath('zstd', path)).toBe(join(folder, 'd/zstd'));
  });
});

describe('childEnvironment', () => {
  test('keeps what programs need and nothing that could hold a secret', () => {
    const env = { PATH: '/bin', LANG: 'C', HOME: '/root', MYSQL_PWD: 's3cret', DBBACKUP_PASSWORD: 's3cret' };

    expect(childEnvironment(env)).toEqual({
      PATH: '/bin',
      LANG: 'C',
      LC_MESSAGES: 'C',
      MYSQL_TEST_LOGIN_FILE: '/dev/null',
    });
  });

  test("keeps the user's charset, and no language", () => {
    const child = childEnvironment({ LANG: 'de_DE.UTF-8', LC_ALL: 'fr_FR.ISO-8859-1', LC_CTYPE: 'C' });

    expect(child).toMatchObject({ LC_CTYPE: 'fr_FR.ISO-8859-1', LC_MESSAGES: 'C' });
    expect(child).not.toHaveProperty('LC_ALL');
  });
});
