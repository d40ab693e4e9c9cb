import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceShared } from '../../../src/files/durable-file.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const NOW = { now: () => new Date() };

test('everybody may read it, whatever the umask is, and nothing is left beside it', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'dbbackup.prom');
  const umask = process.umask(0o077);
  try {
    await replaceShared(path, 'one\n', NOW);
    await replaceShared(path, 'two\n', NOW);
  } finally {
    process.umask(umask);
  }

  expect(await readFile(path, 'utf8')).toBe('two\n');
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(folder)).toEqual(['dbbackup.prom']);
});

test('drafts of runs that were killed are removed, not those of others', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.prom');
  for (const name of ['.a.prom.old1.new', '.a.prom.new1.new', '.b.prom.old1.new'])
    await writeFile(join(folder, name), '');
  for (const name of ['.a.prom.old1.new', '.b.prom.old1.new']) await utimes(join(folder, name), 1, 1);

  await replaceShared(path, 'x\n', NOW);
  expect((await readdir(folder)).sort()).toEqual(['.a.prom.new1.new', '.b.prom.old1.new', 'a.prom']);
});

test('a link is followed, and what is no regular file stays', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'there'));
  await writeFile(join(folder, 'there/real.prom'), '');
  await symlink('there/real.prom', join(folder, 'link.prom'));

  await replaceShared(join(folder, 'link.prom'), 'x\n', NOW);
  expect(await readFile(join(folder, 'there/real.prom'), 'utf8')).toBe('x\n');
  expect(await readdir(join(folder, 'there'))).toEqual(['real.prom']);

  for (const path of [join(folder, 'there'), '/dev/null'])
    await expect(replaceShared(path, 'x\n', NOW)).rejects.toMatchObject({
      code: 'no-space',
      message: `${path} is not a regular file, so it is not replaced.`,
    });
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
});

test('says why it cannot be written', async () => {
  const folder = await temporaryFolder();

  await expect(replaceShared(join(folder, 'none/a.prom'), 'x\n', NOW)).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringContaining('its directory no longer exists'),
  });
});
