import { dirname } from 'node:path';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { readListing, type Listing } from '../../backups/directory/list-backups.ts';
import { isBackupOfItsOwn, isCreateOfDatabase } from '../../jobs/backed-up.ts';
import { readFreeSpace } from '../../files/disk-space.ts';
import { inspectFolder } from '../../files/folders.ts';
import { readReadableJobs, type FoundJob } from '../../jobs/read-jobs.ts';
import type { Job } from '../../jobs/record/job.ts';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { excludeDatabases } from '../../server/catalog/exclude-databases.ts';
import { labelOf, type DatabaseHistory, type History, type LeftFile, type Space } from './history.ts';
import { readLeftFiles } from './read-left-files.ts';

export interface HistoryRequest {
  /** The backup directory, absolute. */
  readonly directory: string;
  /** Empty: all that have backups, or whose backups failed. */
  readonly databases: readonly string[];
  /** Only backups with this label, and runs that made them. undefined: all. */
  readonly label?: string | undefined;
  /**
   * What is on the server, if it was asked: then this is checked, and nothing else, without what a pattern excludes. Where
   * it could not say, what the records know of is checked.
   */
  readonly onServer?:
    | { readonly databases: readonly string[] | DbBackupError; readonly excludes: readonly string[] }
    | undefined;
}

/**
 * Reads what the checks go by, and changes nothing. What single files and folders cannot tell is part of the history.
 *
 * @throws {DbBackupError} `no-space` when the backup directory itself cannot be read.
 */
export async function readHistory(request: HistoryRequest, runtime: Runtime): Promise<History> {
  const { directory, onServer, label } = request;
  const named = request.databases.length > 0 ? request.databases : undefined;
  const listing = ofLabel(label, await readListing({ directory, databases: [] }));
  const { found, unread } = await readJobsAndTell(directory, runtime);
  const all = found.map(({ job }) => job);
  const creates = all.filter(
    (job) => job.operation === 'create' && (label === undefined || labelOf(job) === label),
  );
  const onIt = onServer?.databases instanceof DbBackupError ? undefined : onServer?.databases;
  const candidates = onIt ?? named ?? knownDatabases(listing, creates);
  const names = onServer === undefined ? candidates : excludeDatabases(candidates, onServer.excludes).kept;
  const databases: DatabaseHistory[] = [];
  for (const database of names) {
    const folder = listing.unreadable.find((each) => each.database === database)?.error;
    const left = folder ?? (await leftFilesOf(directory, database, runtime));
    const problem = left instanceof DbBackupError ? left : undefined;
    databases.push({
      database,
      backups: listing.backups.filter((backup) => backup.database === database),
      creates: creates.filter((job) => job.database === database),
      unreadable: problem && inOneLine(problem),
      leftovers: left instanceof DbBackupError ? [] : left,
    });
  }
  return {
    ...{ directory, label, databases, unread },
    exists: (await inspectFolder(directory)) !== undefined,
    elsewhere: new Map(
      found.flatMap(({ job, directory: place }) => (place === directory ? [] : [[job.id, place] as const])),
    ),
    now: runtime.now(),
    // A restore that was interrupted may be the reason why the database is not on the server.
    jobs:
      named === undefined ? all : all.filter(({ database }) => database === '' || named.includes(database)),
    spaces: await readSpaces(directory, names),
    ...(onServer === undefined ? { excluded: [], unseen: [] } : unchecked(listing, onServer, names)),
    server: onServer && serverAsked(onServer),
  };
}

function ofLabel(label: string | undefined, { backups, ...listing }: Listing): Listing {
  return { ...listing, backups: backups.filter((backup) => label === undefined || backup.label === label) };
}

/** What has backups and is not among those that are checked. */
function unchecked(
  listing: Listing,
  { excludes }: NonNullable<HistoryRequest['onServer']>,
  checked: readonly string[],
): Pick<History, 'excluded' | 'unseen'> {
  const others = knownDatabases(listing, []).filter((name) => !checked.includes(name));
  const unseen = excludeDatabases(others, excludes).kept;
  return { unseen, excluded: others.filter((name) => !unseen.includes(name)) };
}

function serverAsked({ databases }: NonNullable<HistoryRequest['onServer']>): History['server'] {
  if (!(databases instanceof DbBackupError)) return { databases: databases.length };
  const { message, hint } = databases;
  return { failure: message, hint };
}

/**
 * Those that somebody backs up: with a backup of their own, or a run of create that did not merely find no such
 * database. One that was only restored into is none of them.
 */
function knownDatabases({ backups, unreadable }: Listing, creates: readonly Job[]): readonly string[] {
  const names = [
    ...backups.filter(isBackupOfItsOwn),
    ...unreadable,
    ...creates.filter(isCreateOfDatabase),
  ].map(({ database }) => database);
  return [...new Set(names)].sort();
}

/** What keeps a folder from being looked into is one finding among others. */
async function leftFilesOf(
  directory: string,
  database: string,
  runtime: Runtime,
): Promise<readonly LeftFile[] | DbBackupError> {
  return readLeftFiles(directory, database, runtime).catch((error: unknown) => {
    if (!(error instanceof DbBackupError)) throw error;
    return error;
  });
}

/** @returns with the jobs, in sentences, what could not be read. */
async function readJobsAndTell(
  directory: string,
  runtime: Runtime,
): Promise<{ readonly found: readonly FoundJob[]; readonly unread: readonly string[] }> {
  const unread: string[] = [];
  const listening: Runtime = {
    ...runtime,
    onProgress(event) {
      if (event.kind === 'warning') unread.push(event.message);
    },
  };
  return { found: await readReadableJobs(directory, listening), unread };
}

/** The folder of a database may be a link to another disk. */
async function readSpaces(directory: string, names: readonly string[]): Promise<readonly Space[]> {
  const spaces = new Map<number, Space>();
  const unknown: Space[] = [];
  for (const database of names) {
    const folder = databaseFolder(directory, database);
    const path = (await inspectFolder(folder)) === undefined ? dirname(folder) : folder;
    const space = await readFreeSpace(path);
    if (space === undefined) {
      unknown.push({ path, freeBytes: undefined, noFiles: false, databases: [database] });
      continue;
    }
    const { bytes: freeBytes, noFiles, device } = space;
    const known = spaces.get(device);
    spaces.set(device, {
      path: known?.path ?? path,
      freeBytes,
      noFiles,
      databases: [...(known?.databases ?? []), database],
    });
  }
  return [...spaces.values(), ...unknown];
}
