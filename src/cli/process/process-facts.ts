import { userInfo } from 'node:os';
import { readFileSync } from 'node:fs';
import { DbBackupError } from '../../run/errors.ts';

export function currentUser(): string {
  return orElse(() => userInfo().username, process.env['USER'] ?? process.env['LOGNAME'] ?? '');
}

/** Windows, which has none, is not ours. */
export function currentUserId(): number {
  return process.geteuid?.() ?? 0;
}

export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new DbBackupError('not-found', 'The current directory no longer exists.', {
      hint: 'cd to a directory that exists',
      cause,
    });
  }
}

export function readOrEmpty(path: string): string {
  return orElse(() => readFileSync(path, 'utf8'), '');
}

/** os.userInfo() and os.homedir() throw for a uid that has no passwd entry, as containers like to have. */
export function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
