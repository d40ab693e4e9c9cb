import { lstat, readdir, rm } from 'node:fs/promises';
import { join, basename } from 'path/posix';
import { compressionByName } from '../../compression/methods.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { baseName, parseBackupName } from '../record/backup-name.ts';
import { readManifest } from '../record/manifest-file.ts';
import { backupOfDraft } from '../record/write-manifest.ts';
import { databaseFolder, MANIFESTS_LOCK } from './layout.ts';
import { endRemoval, fileBeingRemoved } from './remove-backup.ts';

/** What its run has left because it died. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Unfinished files in a database's folder: partials, manifests whose file never appeared, drafts of manifests and
 * locks, backups that were being removed. Only while no run holds the lock are they leftovers of dead runs.
 *
 * @param hasFailed Whether it is proven that a job ended before its backup existed.
 * @throws {DbBackupError} `no-space` for what cannot be read.
 */
export async function findLeftovers(
  directory: string,
  database: string,
  hasFailed: (job: string) => Promise<boolean>,
): Promise<readonly Leftover[]> {
  const folder = databaseFolder(directory, database);
  const names = await namesIn(folder);
  const isLeft = (name: string): boolean => isDraft(name) || fileBeingRemoved(name) !== undefined;
  const paths = names.filter(isLeft).map((name) => join(folder, name));
  for (const path of manifestsAlone(folder, names)) {
    // The backup's file may only have been moved away for a moment: without its manifest it could not be verified.
    const read = await readManifest(path).catch(() => undefined);
    if (read !== undefined && (await hasFailed(read.manifest.job))) paths.push(path);
  }
  const leftovers: Leftover[] = [];
  for (const path of paths) {
    try {
      const left = await lstat(path);
      if (!left.isDirectory()) leftovers.push({ path, sizeBytes: left.size }); // we make no folders here
    } catch (error) {
      // Another run may remove its own draft of a lock in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(error, path);
    }
  }
  return leftovers;
}

/** The paths of manifests whose backup file is missing, for no reason that is known. @throws as `findLeftovers`. */
export async function findManifestsAlone(directory: string, database: string): Promise<readonly string[]> {
  const folder = databaseFolder(directory, database);
  return manifestsAlone(folder, await namesIn(folder));
}

function manifestsAlone(folder: string, names: readonly string[]): readonly string[] {
  const removed = names.flatMap((name) => fileBeingRemoved(name) ?? []);
  const dumps = new Set(
    [...names, ...removed].filter((name) => compressionByName(name) !== undefined).map(baseName),
  );
  const isAlone = (name: string): boolean =>
    name.endsWith('.json') &&
    parseBackupName(name.slice(0, -5)) !== undefined &&
    !dumps.has(name.slice(0, -5));
  return names.filter(isAlone).map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw readFailure(error, folder);
  });
}

function isDraft(name: string): boolean {
  return (
    isPartialBackup(name) || isDraftOfLock(name) || parseBackupName(backupOfDraft(name) ?? '') !== undefined
  );
}

function isDraftOfLock(name: string): boolean {
  return name.startsWith('.lock.') || name.startsWith(`${MANIFESTS_LOCK}.`);
}

/**
 * A partial of a backup or its manifest. One of `--output` may be here, too: the lock does not tell whether its run
 * is alive.
 */
function isPartialBackup(name: string): boolean {
  const file = /^\.(.+)\.partial$/.exec(name)?.[1]?.replace(/\.json$/, '');
  return file !== undefined && parseBackupName(baseName(file)) !== undefined;
}

/**
 * Removes what `findLeftovers` finds. To be called only with the lock held, which proves that no other run is writing
 * here.
 *
 * @returns what was removed, except drafts of locks.
 * @throws {DbBackupError} `no-space` for what cannot be removed.
 */
export async function sweepLeftovers(
  directory: string,
  database: string,
  hasFailed: (job: string) => Promise<boolean>,
): Promise<readonly Leftover[]> {
  const leftovers = await findLeftovers(directory, database, hasFailed);
  for (const { path } of leftovers) {
    try {
      if (fileBeingRemoved(basename(path)) === undefined) await rm(path, { force: true });
      else await endRemoval(path);
    } catch (error) {
      throw await storageFailure(error, path);
    }
  }
  return leftovers.filter(({ path }) => !isDraftOfLock(basename(path)));
}
