import prettyBytes from 'pretty-bytes';
import { listDatabaseFolders } from '../../backups/directory/layout.ts';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { readFreeSpace } from '../../files/disk-space.ts';
import { inspectFolder, nearestFolder } from '../../files/folders.ts';
import type { FolderState } from '../../files/folders.ts';
import { jobFolder } from '../../backups/directory/layout.ts';
import type { Backup } from '../../backups/record/backup.ts';
import type { Finding } from '../finding/finding.ts';
import { judgeFreeSpace } from '../finding/judge-free-space.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import { shellWord } from '../../run/shell-command.ts';
import { chooseWritable } from '../../backups/directory/stand-in-directory.ts';
import type { Runtime } from '../../run/runtime.ts';

const CHECK = 'folder';
const ROOT_ID = 0;
const GIVE = 'Give the folder to this login, or give another with --dir.';

/** The backup directory and the folders in it: whether runs can write there, and whether others get at backups. */
export async function examineFolder(
  {
    directory,
    databases,
  }: {
    readonly directory: string;
    /** None: all that have a folder. */
    readonly databases: readonly string[];
  },
  runtime: Pick<Runtime, 'userId' | 'env' | 'homeDirectory'>,
): Promise<readonly Finding[]> {
  const { userId } = runtime;
  const nearest = await nearestFolder(directory);
  if (nearest.path !== directory) {
    if (!nearest.writable) return [unwritable(nearest, undefined)];
    const message = `${directory} is not there yet; the first backup makes it.`;
    return [{ level: 'ok', check: CHECK, message }];
  }
  const isAsked = (database: string): boolean => databases.length === 0 || databases.includes(database);
  const names = (await listDatabaseFolders(directory)).filter(isAsked);
  const paths = [jobFolder(directory), ...names.map((database) => databaseFolder(directory, database))];
  const inside = (await Promise.all(paths.map(inspectFolder))).filter((state) => state !== undefined);
  // What is in a folder that nobody else may enter is out of reach, whatever its own mode.
  const reachable = (nearest.mode & 0o011) === 0 ? [nearest] : [nearest, ...inside];
  const standIn = await usableStandIn(directory, runtime);
  const findings = [
    ...[nearest, ...inside].filter(({ writable }) => !writable).map((state) => unwritable(state, standIn)),
    ...[nearest, ...inside].filter(({ ownerId }) => ownerId !== userId && ownerId !== ROOT_ID).map(foreign),
    ...reachable.filter(({ mode }) => (mode & 0o077) !== 0).map(open),
  ];
  if (findings.length > 0) return findings;
  const message = `${directory} is for this login alone (mode ${modeText(nearest)}).`;
  return [{ level: 'ok', check: CHECK, message }];
}

/** Where restores from a directory keep what they write that this login may only read; undefined: nowhere. */
async function usableStandIn(
  directory: string,
  runtime: Pick<Runtime, 'env' | 'homeDirectory'>,
): Promise<string | undefined> {
  const path = await chooseWritable({ directory, database: undefined }, runtime);
  if (path === directory) return undefined;
  return (await nearestFolder(path)).writable ? path : undefined;
}

function unwritable({ path }: FolderState, standIn: string | undefined): Finding {
  return {
    level: 'problem',
    check: CHECK,
    message: `This login may not write to ${path}.`,
    why:
      standIn === undefined
        ? 'No backup could be made, and no restore, which backs up first.'
        : `No backup could be made. Its backups can be restored and rehearsed: job files and safety backups are then kept in ${standIn}`,
    fix: [GIVE],
  };
}

function foreign({ path }: FolderState): Finding {
  return {
    level: 'warning',
    check: CHECK,
    message: `${path} belongs to another user.`,
    why: 'That user can remove backups, or put others in their place.',
    fix: [GIVE],
  };
}

function open(folder: FolderState): Finding {
  const may = (folder.mode & 0o022) === 0 ? 'look into' : 'write to';
  return {
    level: 'warning',
    check: CHECK,
    message: `Other users may ${may} ${folder.path} (mode ${modeText(folder)}).`,
    why:
      may === 'write to'
        ? 'They can remove backups, or put others in their place.'
        : 'Backups are for their owner alone, but files that were copied there may be not.',
    fix: [`chmod 700 ${shellWord(folder.path)}`],
  };
}

function modeText({ mode }: FolderState): string {
  return mode.toString(8).padStart(4, '0');
}

function noFiles(path: string): Finding {
  return {
    level: 'problem',
    check: 'space',
    message: `The file system of ${path} has no inode free.`,
    why: 'Not one more file can be made there, however small.',
    fix: ['Remove files there that nobody needs, or give another folder with --dir.'],
  };
}

/** Whether backups as large as the last one of each database would fit. */
export async function examineSpace(
  directory: string,
  backups: readonly Backup[],
): Promise<readonly Finding[]> {
  const { path } = await nearestFolder(directory);
  const space = await readFreeSpace(path);
  if (space === undefined) return [];
  if (space.noFiles) return [noFiles(path)];
  const last = new Map<string, number>();
  for (const { database, sizeBytes, state, label } of backups) {
    if (state === 'complete' && label !== SAFETY_LABEL && !last.has(database)) last.set(database, sizeBytes);
  }
  const lastBytes = [...last.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  const free = `${prettyBytes(space.bytes)} free for ${directory}`;
  if (last.size === 0) return [{ level: 'ok', check: 'space', message: `${free}; there is no backup yet.` }];
  const message = `${free}; the last ${last.size === 1 ? 'backup has' : `backups of ${last.size} databases have`} ${prettyBytes(lastBytes)}.`;
  const level = judgeFreeSpace(space.bytes, lastBytes);
  if (level === 'ok') return [{ level, check: 'space', message }];
  return [
    {
      level,
      check: 'space',
      message,
      why:
        level === 'problem'
          ? 'The next backup of as much would not fit, nor the safety backup of a restore.'
          : 'There is room for the next one, and not for many more.',
      fix: [
        `dbbackup list --dir ${shellWord(directory)}`,
        'Remove old backups, or give another folder with --dir.',
      ],
    },
  ];
}
