import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPrivateOptionFile } from '../../../src/programs/private-option-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'private-option-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('openPrivateOptionFile', () => {
  test('leaves nothing on disk while it is open', async () => {
    await using file = await openPrivateOptionFile('[client]\n', folder);
    expect(file.fd).toBeGreaterThan(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('can be read whole by one child after the other', async () => {
    await using file = await openPrivateOptionFile('[client]\npassword="x"\n', folder);
    const read = () =>
      spawnSync('cat', ['/dev/fd/3'], { stdio: ['ignore', 'pipe', 'ignore', file.fd] }).stdout.toString();
    expect([read(), read()]).toEqual(Array(2).fill('[client]\npassword="x"\n'));
  });

  test('is for its owner only, and cannot be written by a child', async () => {
    await using file = await openPrivateOptionFile('x', folder);
    expect(fstatSync(file.fd).mode & 0o777).toBe(0o600);
    const write = spawnSync('sh', ['-c', 'echo y >&3'], { stdio: ['ignore', 'ignore', 'pipe', file.fd] });
    expect(write.status).not.toBe(0);
  });

  test('is closed when it is given back', async () => {
    const file = await openPrivateOptionFile('x', folder);
    await file[Symbol.asyncDispose]();
    expect(() => fstatSync(file.fd)).toThrow(/EBADF/);
  });

  test('says what to do when the folder cannot be written', async () => {
    await expect(openPrivateOptionFile('secret', path.join(folder, 'missing'))).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/^Cannot write a temporary file in .*missing\.$/),
      hint: expect.stringContaining('TMPDIR'),
    });
  });
});
