import prettyBytes from 'pretty-bytes';
import { DbBackupError } from '../run/errors.ts';
import { readFreeSpace } from './disk-space.ts';
import { isForbidden, ownershipHint } from './ownership.ts';

/** Says in the user's words why a file or folder could not be written. */
export async function storageFailure(error: unknown, path: string): Promise<DbBackupError> {
  if (error instanceof DbBackupError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const words = STORAGE_WORDS[code];
  if (code === 'EEXIST') {
    return new DbBackupError('failed', `${path} already exists; dbbackup never overwrites a file.`, {
      hint: 'Move it away, or choose another name.',
      cause: error,
    });
  }
  if (words === undefined) {
    return new DbBackupError('no-space', `${path} could not be written: ${message}`, {
      hint: UNKNOWN_HINT,
      cause: error,
    });
  }
  return new DbBackupError(
    'no-space',
    `${path} could not be written: ${words} (${code}${await freeSpace(path)}).`,
    {
      hint:
        (code === 'EACCES' ? ownershipHint(path, 'write') : undefined) ??
        STORAGE_HINTS[code] ??
        'Free some space, or choose another directory with --dir.',
      cause: error,
    },
  );
}

/** The same for what could not be read. */
export function readFailure(error: unknown, path: string): DbBackupError {
  if (error instanceof DbBackupError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const words = isForbidden(error) ? 'permission denied' : (STORAGE_WORDS[code] ?? message);
  return new DbBackupError('no-space', `${path} could not be read: ${words}${code && ` (${code})`}.`, {
    hint: (code === 'EACCES' ? ownershipHint(path, 'read') : undefined) ?? READ_HINTS[code] ?? UNKNOWN_HINT,
    cause: error,
  });
}

async function freeSpace(path: string): Promise<string> {
  const free = await readFreeSpace(path);
  if (free === undefined) return '';
  return free.noFiles ? ', no free inodes' : `, ${prettyBytes(free.bytes)} free`;
}

const STORAGE_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  EFBIG: 'the file would be larger than the limit (ulimit -f) or the file system allows',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the disk reported an error',
  ENOENT: 'its directory no longer exists',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'a symbolic link stands in its place',
  ENAMETOOLONG: 'the name is too long for the file system',
  EMFILE: 'too many files are open (ulimit -n)',
};

const STORAGE_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Change the owner of the directory, or choose another with --dir.',
  EPERM: 'Change the owner of the directory, or choose another with --dir.',
  EROFS: 'Choose a writable directory with --dir.',
  EIO: 'Check the kernel log (dmesg), and do not trust this disk.',
  EFBIG: 'Raise the limit, or back up to another file system with --dir.',
  EMFILE: 'Raise the limit: ulimit -n 1024.',
  ENOENT: 'Create the directory again, or choose another with --dir. Check that its file system is mounted.',
  ENOTDIR: 'Choose another directory with --dir.',
  ELOOP: 'Remove the link, or choose another directory with --dir.',
  ENAMETOOLONG: 'Use a shorter --label, or choose another directory with --dir.',
};

const UNKNOWN_HINT =
  'Check that the file system is mounted and healthy, or choose another directory with --dir.';

const READ_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Run as the user who owns the backups (sudo -u), or choose another directory with --dir.',
  EPERM: 'Run as the user who owns the backups (sudo -u), or choose another directory with --dir.',
  EIO: 'Check the kernel log (dmesg), and do not trust this disk.',
  EMFILE: 'Raise the limit: ulimit -n 1024.',
  ENOTDIR: 'Choose another directory with --dir.',
};

/** What is read, or `otherwise` where this login may not read it. */
export async function unlessUnreadable<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DbBackupError && error.code === 'no-space') return otherwise;
    throw error;
  }
}
