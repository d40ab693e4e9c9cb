import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readOptionFiles } from '../../../../src/settings/option-files/read-option-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'option-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const request = {
  defaultsFile: undefined,
  extraFile: undefined,
  groupSuffix: undefined,
  homeDirectory: undefined,
};

/** What the file given as --defaults-file says, as `value from source`. */
async function read(defaultsFile: string, groupSuffix?: string): Promise<string[]> {
  const { entries } = await readOptionFiles({ ...request, defaultsFile, groupSuffix });
  return entries.map(
    ({ name, value, source }) => `${name}=${value ?? '-'} ${source.replace(`${folder}/`, '')}`,
  );
}

describe('readOptionFiles', () => {
  test('names files that hold a password and that others may read', async () => {
    const open = write('open.cnf', '[client]\npassword = p\n[mysqldump]\npassword = q\n');
    const harmless = write('harmless.cnf', '[client]\nuser = u\npassword\n[mysqld]\npassword = p\n');
    const closed = write('closed.cnf', '[dbbackup]\nurl = mysql://u:p@h\n');
    chmodSync(open, 0o640);
    chmodSync(harmless, 0o644);
    chmodSync(closed, 0o600);
    const all = write('all.cnf', `!include ${open}\n!include ${harmless}\n!include ${closed}\n`);

    expect((await readOptionFiles({ ...request, defaultsFile: all })).exposed).toEqual([open]);
  });

  test('takes the groups of the dump programs and our own, in order', async () => {
    const file = write(
      'a.cnf',
      '[mysqld]\na=1\n[mysqldump]\nb=2\n[client]\nc\n[dbbackup]\nd=4\n[mysql]\ne=5\n',
    );
    expect(await read(file)).toEqual(['b=2 a.cnf [mysqldump]', 'c=- a.cnf [client]', 'd=4 a.cnf [dbbackup]']);
  });

  test('also takes the groups with the suffix', async () => {
    const file = write('a.cnf', '[client_x]\na=1\n[client]\nb=2\n[client_y]\nc=3\n');
    expect(await read(file, '_x')).toEqual(['a=1 a.cnf [client_x]', 'b=2 a.cnf [client]']);
  });

  test('follows includes, and a folder’s .cnf files by name', async () => {
    write('d/b.cnf', '[client]\nx=b\n');
    write('d/a.cnf', '[client]\nx=a\n');
    write('d/z.ini', '[client]\nx=ini\n');
    const other = write('other', '[client]\nx=other\n');
    const file = write(
      'a.cnf',
      `[client]\n!includedir ${folder}/d\n!include ${other}\n!include /nonexistent\nx=own\n`,
    );
    expect(await read(file)).toEqual([
      'x=a d/a.cnf [client]',
      'x=b d/b.cnf [client]',
      'x=other other [client]',
      'x=own a.cnf [client]',
    ]);
  });

  test('ranks what follows an include above it', async () => {
    const other = write('other', '[client]\nx=1\n');
    const file = write('a.cnf', `[client]\nx=0\n!include ${other}\nx=2\n`);
    const { entries } = await readOptionFiles({ ...request, defaultsFile: file });
    expect(entries.map(({ fileIndex }) => fileIndex)).toEqual([1, 2, 3]);
  });

  test('stops with a warning where files include each other', async () => {
    const file = path.join(folder, 'a.cnf');
    write('a.cnf', `[client]\nx=1\n!include ${file}\n`);
    const { entries, warnings } = await readOptionFiles({ ...request, defaultsFile: file });
    expect(entries).toHaveLength(11); // as the clients
    expect(warnings).toMatchObject([{ message: expect.stringContaining('nested too deep') as string }]);
  });

  test('ignores a file that everybody may write, and says so', async () => {
    const file = write('a.cnf', '[client]\nhost=evil\n');
    chmodSync(file, 0o646);
    const { entries, warnings } = await readOptionFiles({ ...request, defaultsFile: file });
    expect(entries).toEqual([]);
    expect(warnings).toEqual([
      {
        message: `The option file ${file} is ignored because every user may write to it.`,
        fix: `chmod o-w ${file}`,
      },
    ]);
  });

  test('reads the extra file before the one at home, which therefore wins', async () => {
    write('home/.my.cnf', '[client]\ntest-x=home\n');
    const extraFile = write('extra', '[client]\ntest-x=extra\n');
    const { entries } = await readOptionFiles({
      ...request,
      extraFile,
      homeDirectory: path.join(folder, 'home'),
    });
    expect(entries.filter(({ name }) => name === 'test-x').map(({ value }) => value)).toEqual([
      'extra',
      'home',
    ]);
  });

  test('does without a home, or without a file there', async () => {
    await expect(readOptionFiles(request)).resolves.toMatchObject({ warnings: [] });
    await expect(readOptionFiles({ ...request, homeDirectory: '/nonexistent' })).resolves.toBeDefined();
  });

  test.each([
    ['does not exist', 'missing', 'it does not exist'],
    ['is a directory', '.', 'it is a directory'],
  ])('refuses a named file that %s', async (_, name, why) => {
    const file = path.join(folder, name);
    await expect(readOptionFiles({ ...request, defaultsFile: file })).rejects.toMatchObject({
      code: 'usage',
      message: `The option file ${file} cannot be read: ${why}.`,
      hint: expect.stringContaining('--defaults-file'),
    });
  });

  test('refuses an include of a folder that is not there, as the clients do', async () => {
    const file = write('a.cnf', '!includedir /nonexistent\n');
    await expect(readOptionFiles({ ...request, defaultsFile: file })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('(line 1): it does not exist'),
    });
  });
});
