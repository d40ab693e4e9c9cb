import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPartialFile, partialPath, prepareOwnPath } from '../../../src/files/partial-file.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

describe('openPartialFile', () => {
  test('shows nothing under the name until it is published, and then everything', async () => {
    const path = join(await temporaryFolder(), 'a.sql');
    {
      await using file = await openPartialFile(path);
      await file.write(Buffer.from('SELECT '));
      await file.write(Buffer.from('1;\n'));
      await file.sync();
      expect(existsSync(path)).toBe(false);
      await file.publish();
    }

    expect(readFileSync(path, 'utf8')).toBe('SELECT 1;\n');
    expect(existsSync(partialPath(path))).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('leaves nothing when it is given up', async () => {
    const folder = await temporaryFolder();
    {
      await using file = await openPartialFile(join(folder, 'a.sql'));
      await file.write(Buffer.from('SELECT '));
    }

    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes its name back', async () => {
    const folder = await temporaryFolder();
    await using file = await openPartialFile(join(folder, 'a.json'));
    await file.sync();
    await file.publish();
    await file.withdraw();

    expect(readdirSync(folder)).toEqual([]);
  });

  test('never overwrites, be it a file or a link', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.sql');
    symlinkSync(join(folder, 'elsewhere'), path);
    await using file = await openPartialFile(path);
    await file.sync();

    await expect(file.publish()).rejects.toMatchObject({
      code: 'failed',
      message: `${path} already exists; dbbackup never overwrites a file.`,
      hint: 'Move it away, or choose another name.',
    });
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });

  test('does not write into a partial that is there', async () => {
    const path = join(await temporaryFolder(), 'a.sql');
    writeFileSync(partialPath(path), 'of another run');

    await expect(openPartialFile(path)).rejects.toMatchObject({ code: 'failed' });
    expect(readFileSync(partialPath(path), 'utf8')).toBe('of another run');
  });

  test.each<[title: string, path: (folder: string) => string, words: string]>([
    [
      'a folder that is missing',
      (folder) => join(folder, 'none/a.sql'),
      'its directory no longer exists (ENOENT',
    ],
    [
      'a folder that is a file',
      (folder) => join(folder, 'file/a.sql'),
      'a part of its path is not a directory (ENOTDIR',
    ],
    [
      'a name that is too long',
      (folder) => join(folder, `${'x'.repeat(300)}.sql`),
      'the name is too long for the file system (ENAMETOOLONG',
    ],
    [
      'a folder that links to itself',
      (folder) => join(folder, 'loop/a.sql'),
      'a symbolic link stands in its place (ELOOP',
    ],
  ])('cannot be made in %s', async (_title, path, words) => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('loop', join(folder, 'loop'));

    const error = await openPartialFile(path(folder)).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'no-space', message: expect.stringContaining(words) });
  });
});

describe('prepareOwnPath', () => {
  test('refuses a path that is taken, before anything is dumped', async () => {
    const path = join(await temporaryFolder(), 'a.sql');
    writeFileSync(path, 'mine');

    await expect(prepareOwnPath(path, allDead)).rejects.toMatchObject({
      code: 'failed',
      message: `${path} already exists; dbbackup never overwrites a file.`,
    });
  });

  test('refuses a link that leads nowhere, for it is a name that is taken', async () => {
    const path = join(await temporaryFolder(), 'a.sql');
    symlinkSync('/nonexistent', path);

    await expect(prepareOwnPath(path, allDead)).rejects.toMatchObject({ code: 'failed' });
  });

  test('removes what killed runs have left there, and nothing of a run that may be alive', async () => {
    const path = join(await temporaryFolder(), 'a.sql');
    const others = ['.b.sql.dead.partial', '.a.sql.gz.dead.partial', '.a.sql.partial', 'a.sql.dead.partial'];
    for (const name of others) writeFileSync(join(dirname(path), name), 'half');
    writeFileSync(partialPath(path, 'alive'), 'half');
    writeFileSync(partialPath(path, 'dead'), 'half');
    await prepareOwnPath(path, (job) => Promise.resolve(job === 'dead'));

    expect(readdirSync(dirname(path)).sort()).toEqual(['.a.sql.alive.partial', ...others].sort());
  });

  test('refuses a folder that is not there', async () => {
    const folder = join(await temporaryFolder(), 'none');
    const path = join(folder, 'a.sql');

    await expect(prepareOwnPath(path, allDead)).rejects.toMatchObject({
      code: 'no-space',
      message: `${path} could not be written: the directory ${folder} does not exist.`,
      hint: `Create it: mkdir -p ${folder}; or choose another --output.`,
    });
  });
});

const allDead = () => Promise.resolve(true);

test('a partial is hidden beside its file', () => {
  expect(partialPath('/b/shop/manual.sql.gz')).toBe('/b/shop/.manual.sql.gz.partial');
  expect(partialPath('/b/shop/manual.sql.gz', 'k3v9x2ab')).toBe('/b/shop/.manual.sql.gz.k3v9x2ab.partial');
});
