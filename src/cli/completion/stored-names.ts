import { readdir } from 'node:fs/promises';
import { databaseFolder, jobFolder, listDatabaseFolders } from '../../backups/directory/layout.ts';
import { baseName, parseBackupName, SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import { compressionByName } from '../../compression/methods.ts';
import { isJobId } from '../../run/job-id.ts';

/*
 * What the backup directory knows by the names of its files alone (undoable-jobs.ts reads files, too): a shell waits for the answer at each Tab, and there
 * may be ten thousand files. What cannot be read has no names.
 */

export async function databasesIn(directory: string): Promise<readonly string[]> {
  return listDatabaseFolders(directory).catch(() => []);
}

/**
 * The beginnings `shop/` of all that fit, and, where one of them is typed, its backups: `shop/latest`, then newest first.
 *
 * @param typed What is typed of the backup.
 */
export async function backupsIn(directory: string, typed: string): Promise<readonly string[]> {
  const databases = await databasesIn(directory);
  const names = await Promise.all(
    databases
      .filter((database) => typed.startsWith(`${database}/`))
      .map(async (database) => (await namesOf(directory, database)).map((name) => `${database}/${name}`)),
  );
  const folders = databases.map((database) => `${database}/`).filter((folder) => !typed.startsWith(folder));
  return [...names.flat(), ...(databases.length === 1 ? ['latest'] : []), ...folders];
}

/** `latest`, then the names of a database's backups, newest first. */
async function namesOf(directory: string, database: string): Promise<readonly string[]> {
  const files = await dumpsOf(directory, database);
  const bases = files.map(baseName);
  const isTwice = (base: string): boolean => bases.filter((each) => each === base).length > 1;
  // Of two files that differ in their ending only, each is named with it.
  const names = files.map((file) => (isTwice(baseName(file)) ? file : baseName(file)));
  const time = (name: string): number => parseBackupName(baseName(name))?.at.getTime() ?? 0;
  const newestFirst = names.toSorted((a, b) => time(b) - time(a));
  const hasLatest = names.some((name) => parseBackupName(baseName(name))?.label !== SAFETY_LABEL);
  return [...(hasLatest ? ['latest'] : []), ...newestFirst];
}

export async function labelsIn(directory: string): Promise<readonly string[]> {
  const databases = await databasesIn(directory);
  const files = await Promise.all(databases.map((database) => dumpsOf(directory, database)));
  return [...new Set(files.flat().flatMap((file) => parseBackupName(baseName(file))?.label ?? []))].sort();
}

async function dumpsOf(directory: string, database: string): Promise<readonly string[]> {
  const names = await namesIn(databaseFolder(directory, database));
  return names.filter((name) => !name.startsWith('.') && compressionByName(name) !== undefined);
}

export async function jobsIn(directory: string): Promise<readonly string[]> {
  const names = await namesIn(jobFolder(directory));
  const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  return ids.filter(isJobId).sort();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
