import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../../src/files/folders.ts';

describe('makeFolder', () => {
  test('makes what is missing, readable to nobody else, and says whether it did', async () => {
    const above = await temporaryFolder();
    const folder = join(above, 'a', 'b');

    expect(await makeFolder(folder)).toBeDefined();
    expect(await makeFolder(folder)).toBeUndefined();
    for (const made of [folder, join(above, 'a')]) expect((await stat(made)).mode & 0o777).toBe(0o700);
  });

  test('is made once by several runs at once', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b', 'c');

    const made = await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)));

    expect(made.filter(Boolean)).toHaveLength(1);
  });

  test('takes a link to a folder', async () => {
    const above = await temporaryFolder();
    await symlink(above, join(above, 'link'));

    expect(await makeFolder(join(above, 'link'))).toBeUndefined();
    expect(await makeFolder(join(above, 'link', 'x'))).toBeDefined();
  });

  test('says that a file stands in its place', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');

    await expect(makeFolder(file)).rejects.toMatchObject({
      code: 'no-space',
      message: `${file} is a file, not a directory.`,
    });
    await expect(makeFolder(join(file, 'x'))).rejects.toMatchObject({
      code: 'no-space',
      message: expect.stringContaining('a part of its path is not a directory'),
    });
  });

  test('gives up at a link that leads nowhere', async () => {
    const link = join(await temporaryFolder(), 'link');
    await symlink('/nonexistent/mount', link);

    await expect(makeFolder(link)).rejects.toMatchObject({ code: 'no-space' });
    await expect(makeFolder(join(link, 'x'))).rejects.toMatchObject({ code: 'no-space' });
  });

  test('gives up where a file system makes no folders', async () => {
    await expect(makeFolder('/proc/dbbackup/backups')).rejects.toMatchObject({ code: 'no-space' });
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-folders-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
