import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSecretFile } from '../../../../src/settings/table/secret-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'secret-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string, mode = 0o600): string {
  const file = path.join(folder, 'secret');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('readSecretFile', () => {
  test.each([
    ['pw', 'pw'],
    ['pw\n', 'pw'],
    ['pw\r\n', 'pw'],
    ['pw\n\n', 'pw\n'],
    [' pw ', ' pw '],
  ])('strips one newline: %j gives %j', async (content, text) => {
    expect(await readSecretFile(write(content), '--password-file')).toEqual({ text, warning: undefined });
  });

  test.each([0o640, 0o604, 0o644])('works with mode %o, and warns', async (mode) => {
    const file = write('pw', mode);
    expect(await readSecretFile(file, '--password-file')).toEqual({
      text: 'pw',
      warning: { message: `Other users can read ${file} (--password-file).`, fix: `chmod 600 ${file}` },
    });
  });

  test('names a file that is not there, and who named it', async () => {
    await expect(readSecretFile('/nonexistent', 'DBBACKUP_PASSWORD_FILE')).rejects.toMatchObject({
      code: 'usage',
      message: 'The file /nonexistent (DBBACKUP_PASSWORD_FILE) does not exist.',
    });
    await expect(readSecretFile(folder, '--password-file')).rejects.toMatchObject({
      message: expect.stringContaining('is a directory'),
    });
  });
});
