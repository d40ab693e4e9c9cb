import { shellWord } from '../../run/shell-command.ts';
import type { Warning } from '../../run/warning.ts';
import { readFile, stat } from 'node:fs/promises';
import { DbBackupError } from '../../run/errors.ts';

/**
 * Reads a file that holds one secret, and strips one newline at its end, as the official Docker images do.
 *
 * @param source Who named the file, for messages: `--password-file`.
 * @returns `warning` when other users can read the file.
 * @throws {DbBackupError} `usage` when it cannot be read or is empty.
 */
export async function readSecretFile(
  file: string,
  source: string,
): Promise<{ readonly text: string; readonly warning: Warning | undefined }> {
  try {
    const found = await stat(file);
    const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    const open = found.isFile() && (found.mode & 0o044) !== 0;
    return {
      text,
      warning: open
        ? { message: `Other users can read ${file} (${source}).`, fix: `chmod 600 ${shellWord(file)}` }
        : undefined,
    };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const why = { ENOENT: 'does not exist', EISDIR: 'is a directory' }[code] ?? 'cannot be read';
    throw new DbBackupError('usage', `The file ${file} (${source}) ${why}.`, {
      hint: 'name a file that contains only the secret',
      cause,
    });
  }
}
