import { readBackups } from './read-backups.ts';
import { listDatabaseFolders } from './layout.ts';
import { databaseFolder } from './layout.ts';
import { newestFirst } from '../record/backup.ts';
import type { Backup } from '../record/backup.ts';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import type { OnProgress } from '../../run/progress.ts';

export interface ListRequest {
  /** Absolute. A missing one holds no backups. */
  readonly directory: string;
  /** None: all. */
  readonly databases: readonly string[];
}

/** Which of them are wanted. */
export interface ListFilter {
  /** undefined: any. */
  readonly label?: string | undefined;
  /** Only the newest so many; undefined: all. */
  readonly limit?: number | undefined;
}

/** A database's folder that this login cannot read. */
export interface UnreadableFolder {
  readonly database: string;
  readonly path: string;
  readonly error: DbBackupError;
}

/** The contents of the backup directory, as far as this login may see them. */
export interface Listing {
  /** Newest first, never with partials. */
  readonly backups: readonly Backup[];
  readonly unreadable: readonly UnreadableFolder[];
}

/**
 * Reads the folder of each database; one that cannot be read does not hide the others.
 *
 * @throws {DbBackupError} `no-space` when the backup directory itself cannot be read.
 */
export async function readListing({ directory, databases }: ListRequest): Promise<Listing> {
  const backups: Backup[] = [];
  const unreadable: UnreadableFolder[] = [];
  for (const database of databases.length > 0 ? databases : await listDatabaseFolders(directory)) {
    try {
      backups.push(...(await readBackups(directory, database)));
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      unreadable.push({ database, path: databaseFolder(directory, database), error });
    }
  }
  return { backups: backups.sort(newestFirst), unreadable };
}

/**
 * @param backups Newest first.
 * @returns the wanted ones, and how many have the label.
 */
export function chosenFrom(
  backups: readonly Backup[],
  { label, limit }: ListFilter,
): { readonly backups: readonly Backup[]; readonly total: number } {
  const labelled = label === undefined ? backups : backups.filter((backup) => backup.label === label);
  return { backups: labelled.slice(0, limit), total: labelled.length };
}

/** Warns of each folder that cannot be read, in one line. */
export function warnOfUnreadable(unreadable: readonly UnreadableFolder[], onProgress: OnProgress): void {
  for (const { error } of unreadable) onProgress({ kind: 'warning', message: inOneLine(error) });
}

/**
 * The backups of the given databases (none given: of all), newest first.
 *
 * @param onProgress Warned of folders that cannot be read.
 * @throws {DbBackupError} `no-space` when nothing can be read.
 */
export async function listBackups(
  request: ListRequest & ListFilter,
  onProgress?: OnProgress,
): Promise<readonly Backup[]> {
  const { backups, unreadable } = await readListing(request);
  if (unreadable[0] !== undefined && (backups.length === 0 || onProgress === undefined))
    throw unreadable[0].error;
  warnOfUnreadable(unreadable, onProgress ?? (() => undefined));
  return chosenFrom(backups, request).backups;
}
