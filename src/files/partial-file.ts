// The one place that knows "partial, sync, link": how a file appears under its name whole or not at all.
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DbBackupError } from '../run/errors.ts';
import { shellWord } from '../run/shell-command.ts';
import { syncFolder } from './durable-file.ts';
import { openNewFile } from './new-file.ts';
import { storageFailure } from './file-failure.ts';

/** A file that is still being written, under a hidden name in the same folder. */
export interface PartialFile extends AsyncDisposable {
  /** @throws {DbBackupError} `no-space`. */
  write(bytes: Buffer): Promise<void>;
  /** Flushes what was written to stable storage. @throws {DbBackupError} `no-space`. */
  sync(): Promise<void>;
  /**
   * Gives the synced file its name, which must be free, and makes the name durable.
   *
   * @throws {DbBackupError} `no-space`; `failed` when the name is taken: nothing is ever overwritten.
   */
  publish(): Promise<void>;
  /** Removes the name again after `publish()`. */
  withdraw(): Promise<void>;
  // Disposing removes the partial, published or not, and never rejects.
}

/**
 * `.manual_….sql.gz.partial`: hidden, so that no glob and no listing takes it for a backup.
 *
 * @param job Where no lock protects the path, it tells whose partial it is: `.dump.sql.k3v9x2ab.partial`.
 */
export function partialPath(path: string, job?: string): string {
  return join(dirname(path), `.${basename(path)}.${job === undefined ? '' : `${job}.`}partial`);
}

/**
 * Starts a file of mode 0600 that will be `path`.
 *
 * @param job See `partialPath`.
 * @throws {DbBackupError} `no-space` when it cannot be made.
 */
export async function openPartialFile(path: string, job?: string): Promise<PartialFile> {
  const partial = partialPath(path, job);
  // A file chosen by the user, unlike those in the backup directory, belongs to its creator.
  const start = job === undefined ? openNewFile : openForMaker;
  const handle = await start(partial).catch(async (error: unknown) => {
    throw await storageFailure(error, partial);
  });
  let open_ = true;
  const close = async (): Promise<void> => {
    if (!open_) return;
    open_ = false;
    await handle.close();
  };
  const guarded = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      throw await storageFailure(error, path);
    }
  };
  return {
    write: (bytes) =>
      guarded(async () => {
        let offset = 0;
        while (offset < bytes.length) offset += (await handle.write(bytes, offset)).bytesWritten;
      }),
    sync: () =>
      guarded(async () => {
        await handle.chmod(0o600); // whatever the umask is
        await handle.sync();
        await close();
      }),
    publish: () =>
      guarded(async () => {
        await linkNew(partial, path);
        try {
          await rm(partial, { force: true });
          await syncFolder(dirname(path));
        } catch (error) {
          await unlink(path); // a failure is reported, so no name may stay; rm() would need to stat it first
          throw error;
        }
      }),
    withdraw: () => guarded(() => unlink(path)),
    async [Symbol.asyncDispose]() {
      // Removal follows a failure or success that has already been reported; there is nothing to add.
      await close().catch(() => undefined);
      await rm(partial, { force: true }).catch(() => undefined);
    },
  };
}

function openForMaker(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
}

/**
 * Makes sure that a path chosen by the user is free, before anything is dumped, and removes partials left there by
 * killed runs.
 *
 * @param isDead Whether it is proven that the process of a job has ended.
 * @throws {DbBackupError} `failed` when it is taken; `no-space` when its folder is missing.
 */
export async function prepareOwnPath(path: string, isDead: (job: string) => Promise<boolean>): Promise<void> {
  if (await exists(path)) throw await storageFailure({ code: 'EEXIST' }, path);
  const folder = dirname(path);
  const names = await readdir(folder).catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return []; // it may be write-only
    if (code === 'ENOENT') throw noSuchFolder(path, error);
    throw await storageFailure(error, path);
  });
  for (const name of names) {
    const [job] = /[a-z0-9]+(?=\.partial$)/.exec(name) ?? [];
    if (job !== undefined && join(folder, name) === partialPath(path, job) && (await isDead(job))) {
      await rm(join(folder, name), { force: true });
    }
  }
}

function noSuchFolder(path: string, cause: unknown): DbBackupError {
  const folder = dirname(path);
  return new DbBackupError(
    'no-space',
    `${path} could not be written: the directory ${folder} does not exist.`,
    {
      hint: `Create it: mkdir -p ${shellWord(folder)}; or choose another --output.`,
      cause,
    },
  );
}

async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
    // A file system without hard links (FAT, some network shares). Our lock keeps other runs of dbbackup out.
    if (await exists(to)) throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST', cause: error });
    await rename(from, to);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );
}
