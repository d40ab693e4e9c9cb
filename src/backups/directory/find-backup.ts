import { lstat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { readBackup } from './read-backups.ts';
import { manifestPathOf } from '../record/manifest-file.ts';
import { backupReference } from '../record/backup.ts';
import type { Backup } from '../record/backup.ts';
import { DbBackupError } from '../../run/errors.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { databaseOfFolder, SAFETY_LABEL } from '../record/backup-name.ts';
import { compressionByName } from '../../compression/methods.ts';
import { nearNames } from '../../run/similar-names.ts';
import { shellWord } from '../../run/shell-command.ts';
import { NO_SUCH_FILE } from '../../files/stat-if-there.ts';
import { readListing } from './list-backups.ts';
import type { UnreadableFolder } from './list-backups.ts';
import type { Runtime } from '../../run/runtime.ts';

interface BackupRequest {
  readonly reference: string;
  readonly directory: string;
  /** The database that the connection names, if any: it decides what a bare `latest` means. */
  readonly database: string | undefined;
}

/**
 * Finds the backup that the user means: `shop/latest`, `latest`, `shop/manual_…`, a unique part of a name, or a
 * path. `latest` is the newest that is neither a safety backup nor suspect. A name that ends like a dump file and is
 * not in the backup directory is a path, too.
 *
 * @throws {DbBackupError} `not-found`, with near names; `usage` when several backups or databases fit.
 */
export async function findBackup(
  request: BackupRequest,
  { cwd, program }: Pick<Runtime, 'cwd' | 'program'>,
): Promise<Backup> {
  const { reference, directory } = request;
  const atPath = isAbsolute(reference) ? await fileAtPath(resolve(reference), directory) : undefined;
  if (atPath !== undefined) return atPath;
  const { backups: all, unreadable } = await readListing({ directory, databases: [] });
  // The name of a database may begin with a slash, too.
  if (isAbsolute(reference) && !all.some(({ database }) => reference.startsWith(`${database}/`)))
    throw noSuchFile(resolve(reference), directory, program);
  // The form shown by list comes first: a database may be called `..` or `a/b`.
  const named = all.filter((backup) => backupReference(backup) === reference);
  if (named[0] !== undefined && named.length === 1) return named[0];
  const listed = all.find(
    (backup) => backup.path === join(directory, reference) || fileReference(backup) === reference,
  );
  if (listed !== undefined) return listed;
  if (/^\.\.?(\/|$)/.test(reference) || compressionByName(reference) !== undefined)
    return backupAtPath(resolve(cwd, reference), directory, program);
  const hidden = hiddenFrom(request, unreadable);
  if (hidden?.isCertain === true) throw hidden.error;
  try {
    return chooseListed(request, all);
  } catch (error) {
    const isMissing = error instanceof DbBackupError && error.code === 'not-found';
    if (isMissing && hidden !== undefined) throw hidden.error;
    if (!isMissing || (await readBackup(resolve(cwd, reference), undefined, false)) === undefined)
      throw error;
    throw new DbBackupError('not-found', error.message, {
      hint: `For the file of that name in this directory, use ${shellWord(`./${reference}`)}.`,
      cause: error,
    });
  }
}

/**
 * Why a backup may exist without being visible. Which one is meant cannot be determined where its database's folder
 * is not readable, or, for a bare `latest`, where any folder is not.
 */
function hiddenFrom(
  { reference, database }: BackupRequest,
  unreadable: readonly UnreadableFolder[],
): { readonly error: DbBackupError; readonly isCertain: boolean } | undefined {
  const slash = reference.lastIndexOf('/');
  const folder = slash >= 0 ? reference.slice(0, slash) : reference === 'latest' ? database : undefined;
  const hiding = folder === undefined ? unreadable : unreadable.filter((each) => each.database === folder);
  return hiding[0] && { error: hiding[0].error, isCertain: folder !== undefined || reference === 'latest' };
}

/** By `latest` or a part of a name, among the backups of the backup directory. */
function chooseListed({ reference, directory, database }: BackupRequest, all: readonly Backup[]): Backup {
  if (all.length === 0) {
    throw new DbBackupError('not-found', `There are no backups in ${directory}.`, {
      hint: 'Make one with create. If they are elsewhere, use --dir <folder>.',
    });
  }
  const slash = reference.lastIndexOf('/'); // backup names have none, but a database may
  const [folder, part] =
    slash < 0 ? [undefined, reference] : [reference.slice(0, slash), reference.slice(slash + 1)];
  const candidates = folder === undefined ? all : all.filter((backup) => backup.database === folder);
  if (candidates.length === 0) throw noSuchDatabase(folder ?? '', all, directory);
  return part === 'latest'
    ? latest(folder ?? database, candidates, directory)
    : byName(part, reference, candidates);
}

/** Distinguishes even two files of the same name: `shop/dump.sql.gz`. */
function fileReference({ database, path }: Backup): string {
  return `${database}/${basename(path)}`;
}

async function backupAtPath(path: string, directory: string, program: string): Promise<Backup> {
  const backup = await fileAtPath(path, directory);
  if (backup === undefined) throw noSuchFile(path, directory, program);
  return backup;
}

async function fileAtPath(path: string, directory: string): Promise<Backup | undefined> {
  const manifestPath = manifestPathOf(path);
  const folder = dirname(path);
  // In the backup directory the folder determines the database, however the file was named.
  const database = dirname(folder) === directory ? databaseOfFolder(basename(folder)) : undefined;
  const hasManifest =
    database === undefined
      ? (await readBackup(manifestPath, undefined, false)) !== undefined
      : await isThere(manifestPath);
  return readBackup(path, database, hasManifest);
}

/** Whatever it is: nothing but a manifest of ours belongs there. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => !NO_SUCH_FILE.has((error as NodeJS.ErrnoException).code ?? ''),
  );
}

function noSuchFile(path: string, directory: string, program: string): DbBackupError {
  return new DbBackupError('not-found', `There is no backup file ${path}.`, {
    hint: `To list the backups:\n${furtherCommand(directory, 'list', [], [], program)}`,
  });
}

function latest(database: string | undefined, candidates: readonly Backup[], directory: string): Backup {
  const wanted = candidates.filter((backup) => database === undefined || backup.database === database);
  const regular = wanted.filter(({ label, state }) => label !== SAFETY_LABEL && state !== 'suspect');
  const databases = [...new Set(regular.map((backup) => backup.database))];
  const [newest] = regular;
  if (newest !== undefined && databases.length === 1) return newest;
  if (newest !== undefined) {
    throw new DbBackupError('usage', `There are backups of several databases in ${directory}.`, {
      hint: `Name one: ${databases.map((name) => shellWord(`${name}/latest`)).join(' or ')}.`,
    });
  }
  const [suspect] = wanted.filter(({ state }) => state === 'suspect');
  const [safety] = wanted;
  throw new DbBackupError(
    'not-found',
    `There is no backup of ${database ?? 'any database'} in ${directory}.`,
    {
      hint:
        safety === undefined
          ? `There are backups of ${[...new Set(candidates.map((backup) => backup.database))].join(', ')}.`
          : suspect === undefined
            ? `There is a safety backup: ${shellWord(backupReference(safety))}`
            : `There is ${backupReference(suspect)}, but ${suspect.problem ?? ''}.`,
    },
  );
}

function byName(part: string, reference: string, candidates: readonly Backup[]): Backup {
  const exact = candidates.filter(({ name }) => name === part);
  const matching =
    exact.length > 0 ? exact : part === '' ? [] : candidates.filter(({ name }) => name.includes(part));
  const [first] = matching;
  if (first !== undefined && matching.length === 1) return first;
  if (first !== undefined) {
    const shown = matching.slice(0, 5).map(fileReference);
    throw new DbBackupError('usage', `${matching.length} backups have ${part} in their name.`, {
      hint: `Use more of the name: ${shown.map(shellWord).join(', ')}${matching.length > 5 ? ', …' : ''}.`,
    });
  }
  const near = nearReferences(part, reference, candidates);
  const newest = candidates.slice(0, 3).map(backupReference);
  throw new DbBackupError('not-found', `There is no backup ${reference}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.map(shellWord).join(' or ')}?`
        : `The newest are ${newest.map(shellWord).join(', ')}.`,
  });
}

/** What could have been meant, ready to type: the bare name of a database means its latest backup. */
function nearReferences(part: string, reference: string, candidates: readonly Backup[]): readonly string[] {
  const folder = reference.slice(0, reference.length - part.length); // `shop/`, or nothing
  const databases = folder === '' ? [...new Set(candidates.map(({ database }) => database))] : [];
  const names = ['latest', ...candidates.map(({ name }) => name)];
  return [
    ...nearNames(part, databases).map((database) => `${database}/latest`),
    ...nearNames(part, names).map((name) => folder + name),
  ];
}

function noSuchDatabase(database: string, all: readonly Backup[], directory: string): DbBackupError {
  const names = [...new Set(all.map((backup) => backup.database))];
  const near = nearNames(database, names);
  return new DbBackupError('not-found', `There is no backup of ${database} in ${directory}.`, {
    hint:
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are backups of ${names.join(', ')}.`,
  });
}
