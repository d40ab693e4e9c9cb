import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DbBackupError } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import { closeQuietly } from './close-quietly.ts';
import { storageFailure } from './file-failure.ts';
import { writeDraft } from './new-file.ts';

/**
 * Writes a file of mode 0600 whole, in the place of what had its name: a reader sees the old content or the new, even
 * after a power cut.
 *
 * @param draft Where it is written first; each of several concurrent writers needs its own name.
 * @param isKept See `writeDraft`.
 */
export async function replaceDurably(
  path: string,
  text: string,
  { draft = `${path}.new`, isKept = false } = {},
): Promise<void> {
  try {
    await writeDraft(draft, text, { sync: true, isKept });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes a file durably. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. Some network file systems refuse it, because they do so anyway. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await closeQuietly(handle);
  }
}

/** Everybody may read it. */
const MODE = 0o644;

/** A live run renames a draft as soon as it is written. */
const OLDEST_DRAFT_MS = 60_000;

/**
 * Writes a file that other programs read, in the place of what had its name: they see the old content or the new. It is
 * written beside it under a hidden name, which ends in nothing that they look for.
 *
 * @param path Absolute. A link is followed. What is no regular file, such as /dev/null, is not replaced.
 * @throws {DbBackupError} `no-space`.
 */
export async function replaceShared(
  path: string,
  text: string,
  { now }: Pick<Runtime, 'now'>,
): Promise<void> {
  try {
    const target = await writableTarget(path);
    const draft = join(dirname(target), `.${basename(target)}.${newJobId()}.new`);
    await removeDeadDrafts(target, now());
    try {
      await writeFor(draft, text);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
      throw error;
    }
  } catch (error) {
    throw await storageFailure(error, path);
  }
}

async function writableTarget(path: string): Promise<string> {
  const state = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (state === undefined) return path;
  const target = state.isSymbolicLink() ? await realpath(path) : path;
  if ((await stat(target)).isFile()) return target;
  throw new DbBackupError('no-space', `${path} is not a regular file, so it is not replaced.`);
}

async function writeFor(draft: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
  try {
    await file.chmod(MODE); // whatever the umask is
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of runs that were killed while writing. */
async function removeDeadDrafts(target: string, now: Date): Promise<void> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  const isDraft = (name: string): boolean =>
    name.startsWith(prefix) && /^[a-z0-9]+\.new$/.test(name.slice(prefix.length));
  for (const name of (await readdir(folder)).filter(isDraft)) {
    const path = join(folder, name);
    const draft = await lstat(path).catch(() => undefined); // it has been renamed
    if (draft !== undefined && now.getTime() - draft.mtimeMs > OLDEST_DRAFT_MS)
      await rm(path, { force: true });
  }
}
