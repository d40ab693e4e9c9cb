import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFailure, storageFailure } from '../../../src/files/file-failure.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

describe('storageFailure', () => {
  const failure = (code: string, path: string) =>
    storageFailure(Object.assign(new Error(`${code}: made up`), { code }), path);

  test.each([
    ['ENOSPC', 'the disk is full', 'Free some space'],
    ['EDQUOT', 'the disk quota is exceeded', 'Free some space'],
    ['EFBIG', 'larger than the limit (ulimit -f)', 'Raise the limit'],
    ['EROFS', 'the file system is read-only', 'writable directory'],
    ['EACCES', 'permission denied', 'Change the owner of the directory'],
    ['EIO', 'the disk reported an error', 'dmesg'],
    ['EMFILE', 'too many files are open', 'ulimit -n'],
    ['ENAMETOOLONG', 'the name is too long', '--label'],
  ])('%s: %s', async (code, words, hint) => {
    const folder = await temporaryFolder();
    const error = await failure(code, join(folder, 'a.sql'));

    expect(error).toMatchObject({ code: 'no-space', hint: expect.stringContaining(hint) });
    expect(error.message).toContain(`${folder}/a.sql could not be written: `);
    expect(error.message).toContain(words);
    expect(error.message).toMatch(/\(E[A-Z]+, [\d.]+ [kMGTP]?B free\)\.$/);
  });

  test('measures the free space of the folder that it is about', async () => {
    const { message } = await failure('EACCES', '/proc');

    expect(message).toContain('(EACCES, 0 B free)');
  });

  test('does without the free space when the folder is gone', async () => {
    expect((await failure('ENOENT', '/nonexistent/b/a.sql')).message).toBe(
      '/nonexistent/b/a.sql could not be written: its directory no longer exists (ENOENT).',
    );
  });

  test('passes on what it has no words for', async () => {
    expect(await failure('EWEIRD', '/tmp/a.sql')).toMatchObject({
      code: 'no-space',
      message: '/tmp/a.sql could not be written: EWEIRD: made up',
      hint: expect.stringContaining('mounted') as string,
    });
  });

  test('keeps a failure that is told already', async () => {
    const told = new DbBackupError('damaged', 'It is damaged.');

    expect(await storageFailure(told, '/tmp/a.sql')).toBe(told);
    expect(readFailure(told, '/tmp/a.sql')).toBe(told);
  });
});

describe('readFailure', () => {
  test.each([
    [
      'EACCES',
      '/b could not be read: permission denied (EACCES).',
      '/ belongs to root. Run dbbackup as its owner (sudo -u root), or choose another directory with --dir.',
    ],
    [
      'EMFILE',
      '/b could not be read: too many files are open (ulimit -n) (EMFILE).',
      'Raise the limit: ulimit -n 1024.',
    ],
    [
      'EIO',
      '/b could not be read: the disk reported an error (EIO).',
      'Check the kernel log (dmesg), and do not trust this disk.',
    ],
    ['EWEIRD', '/b could not be read: made up (EWEIRD).', expect.stringContaining('mounted') as string],
  ])('%s: %s', (code, message, hint) => {
    expect(readFailure(Object.assign(new Error('made up'), { code }), '/b')).toMatchObject({
      code: 'no-space',
      message,
      hint,
    });
  });
});
