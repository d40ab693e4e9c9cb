// The one place that knows how the backup directory is laid out on disk.
import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Backup } from '../record/backup.ts';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import {
  backupName,
  baseName,
  compressionByName,
  databaseOfFolder,
  folderOfDatabase,
  parseBackupName,
} from '../record/backup-name.ts';
import { makeFolder } from '../../files/folders.ts';
import { backupOfDraft, manifestPathOf, readManifest } from '../record/manifest-file.ts';
import { writeNewFile } from '../../files/new-file.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { nameOfUser } from '../../files/user-names.ts';

export function databaseFolder(directory: string, database: string): string {
  return join(directory, folderOfDatabase(database));
}

export function lockPath(directory: string, database: string): string {
  return join(databaseFolder(directory, database), '.lock');
}

/** The backup directory that a lock is in. */
export function directoryOfLock(path: string): string {
  return dirname(dirname(path));
}

/**
 * Makes the backup directory, of mode 0700; one that we make keeps itself out of git.
 *
 * @returns what is to be known of it: other users may write there; root has made it for another user.
 * @throws {DbBackupError} `no-space`.
 */
export async function prepareDirectory(directory: string): Promise<readonly string[]> {
  const made = await makeFolder(directory);
  try {
    if (made !== undefined) await writeNewFile(join(directory, '.gitignore'), '*\n');
    if (made?.givenTo !== undefined)
      return [`Made ${directory} for ${nameOfUser(made.givenTo)}, whom the folder belongs to that it is in.`];
    const { mode } = await stat(directory);
    return (mode & 0o022) === 0 ? [] : [`Other users may write to ${directory}: chmod 700 ${directory}`];
  } catch (error) {
    throw await storageFailure(error, directory);
  }
}

/** Makes a database's folder as well. @throws as `prepareDirectory`. */
export async function prepareDatabaseFolder(directory: string, database: string): Promise<void> {
  await prepareDirectory(directory);
  await makeFolder(databaseFolder(directory, database));
}

/** What the run that wrote it has left, because it is dead. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * What runs have begun and not ended in a database's folder: partials, manifests that never had their file, drafts of
 * manifests and locks.
 * Only where no run holds the lock it is what dead runs left.
 *
 * @param hasFailed Whether it is proven of a job that it ended before its backup was there.
 * @throws {DbBackupError} `no-space` for what cannot be read.
 */
export async function findLeftovers(
  directory: string,
  database: string,
  hasFailed: (job: string) => Promise<boolean>,
): Promise<readonly Leftover[]> {
  const folder = databaseFolder(directory, database);
  const names = await namesIn(folder);
  const paths = names.filter(isDraft).map((name) => join(folder, name));
  for (const path of manifestsAlone(folder, names)) {
    // The backup's file may only have been moved away for a moment: without its manifest nothing could be proved of it.
    const manifest = await readManifest(path).catch(() => undefined);
    if (manifest !== undefined && (await hasFailed(manifest.job))) paths.push(path);
  }
  const leftovers: Leftover[] = [];
  for (const path of paths) {
    try {
      const left = await lstat(path);
      if (!left.isDirectory()) leftovers.push({ path, sizeBytes: left.size }); // a folder is nothing that we make
    } catch (error) {
      // Another run may take its own draft of a lock away meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(error, path);
    }
  }
  return leftovers;
}

/** The paths of manifests whose backup's file is not beside them, whoever took it away. @throws as `findLeftovers`. */
export async function findManifestsAlone(directory: string, database: string): Promise<readonly string[]> {
  const folder = databaseFolder(directory, database);
  return manifestsAlone(folder, await namesIn(folder));
}

function manifestsAlone(folder: string, names: readonly string[]): readonly string[] {
  const dumps = new Set(names.filter((name) => compressionByName(name) !== undefined).map(baseName));
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
    isPartialBackup(name) ||
    name.startsWith('.lock.') ||
    parseBackupName(backupOfDraft(name) ?? '') !== undefined
  );
}

/** Of a backup or its manifest. One of `--output` may lie here too: the lock says nothing of whether its run lives. */
function isPartialBackup(name: string): boolean {
  const file = /^\.(.+)\.partial$/.exec(name)?.[1]?.replace(/\.json$/, '');
  return file !== undefined && parseBackupName(baseName(file)) !== undefined;
}

/**
 * Removes what `findLeftovers` finds. To be called only with the lock held, which proves that no other run is writing
 * here.
 *
 * @returns what was removed, but for drafts of locks, which are nobody's loss.
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
      await rm(path, { force: true });
    } catch (error) {
      throw await storageFailure(error, path);
    }
  }
  return leftovers.filter(({ path }) => !basename(path).startsWith('.lock.'));
}

/** A name for a backup that begins now, which no file in the folder has; undefined: taken, ask again later. */
export async function freeBackupName(
  directory: string,
  database: string,
  label: string,
  now: Date,
): Promise<string | undefined> {
  const name = backupName(label, now);
  const names = await readdir(databaseFolder(directory, database));
  return names.some((taken) => taken.startsWith(`${name}.`) || taken.startsWith(`.${name}.`))
    ? undefined
    : name;
}

/**
 * Databases that have a folder here, sorted. A missing directory has none. A symbolic link to a folder is one: that is
 * how the backups of a large database are put on another disk, and runs write through it.
 */
export async function listDatabaseFolders(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter(
        (entry) =>
          entry.isDirectory() ||
          (entry.isSymbolicLink() && statIfThere(join(directory, entry.name))?.isDirectory() === true),
      )
      .flatMap((entry) => databaseOfFolder(entry.name) ?? [])
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, directory);
  }
}

/** Every backup of one database, in no order. A missing folder has none. */
export async function readBackups(directory: string, database: string): Promise<readonly Backup[]> {
  const folder = databaseFolder(directory, database);
  let names: Set<string>;
  try {
    names = new Set(await readdir(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, folder);
  }
  const dumps = [...names].filter((name) => !name.startsWith('.') && compressionByName(name) !== undefined);
  const backups: Backup[] = [];
  for (const name of dumps) {
    const backup = await readBackup(`${folder}/${name}`, database, names.has(`${baseName(name)}.json`));
    if (backup !== undefined) backups.push(backup);
  }
  return backups;
}

const NO_SUCH_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * What one dump file is, by its name, size and manifest. undefined when it is gone, or no file.
 *
 * @param database The folder it lies in; undefined for a file elsewhere, where the manifest or nothing tells.
 * @throws {DbBackupError} `no-space` when this login may not look at it.
 */
export async function readBackup(
  path: string,
  database: string | undefined,
  hasManifest: boolean,
): Promise<Backup | undefined> {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const compression = compressionByName(fileName) ?? 'none';
  const name = baseName(fileName);
  const file = statIfThere(path);
  if (file?.isFile() !== true) return undefined;
  const stated = parseBackupName(name);
  const known = {
    name,
    database: database ?? '',
    path,
    label: stated?.label,
    startedAt: (stated?.at ?? file.mtime).toISOString(),
    sizeBytes: file.size,
    compression,
  };
  if (!hasManifest) return { ...known, state: 'unverified', manifest: undefined };
  try {
    const manifest = await readManifest(manifestPathOf(path));
    const damage = misfit(manifest, { name: fileName, sizeBytes: file.size, database });
    const doubt = doubtOf(manifest);
    return {
      ...known,
      database: database ?? manifest.database,
      label: manifest.label,
      startedAt: manifest.startedAt,
      state: damage !== undefined ? 'damaged' : doubt !== undefined ? 'suspect' : 'complete',
      problem: damage ?? doubt,
      manifest,
    };
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    const state = error.code === 'damaged' ? 'damaged' : 'unreadable';
    return { ...known, state, problem: inOneLine(error), manifest: undefined };
  }
}

/** Synchronous, as reading the manifest is: a thousand small files are read in a fifth of the time. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NO_SUCH_FILE.has(code)) return undefined;
    throw readFailure(error, path);
  }
}

function doubtOf({ madeFromInterrupted: jobs = [] }: NonNullable<Backup['manifest']>): string | undefined {
  if (jobs.length === 0) return undefined;
  return `its database was half restored when it was made (${jobs.join(', ')})`;
}

function misfit(
  manifest: NonNullable<Backup['manifest']>,
  file: { readonly name: string; readonly sizeBytes: number; readonly database: string | undefined },
): string | undefined {
  if (manifest.file.name !== file.name) return `its manifest belongs to ${manifest.file.name}`;
  if (file.database !== undefined && manifest.database !== file.database) {
    return `its manifest says that it is of ${manifest.database}`;
  }
  if (manifest.file.sizeBytes !== file.sizeBytes) {
    return `it has ${file.sizeBytes} bytes, its manifest says ${manifest.file.sizeBytes}`;
  }
  return undefined;
}
