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
const GIVE = 'Change the owner of the directory, or choose another with --dir.';

/**
 * The backup directory and the folders in it: whether runs can write there, and whether others can access backups.
 */
export async function examineFolder(
  {
    directory,
    databases,
  }: {
    readonly directory: string;
    /** Empty: all that have a folder. */
    readonly databases: readonly string[];
  },
  runtime: Pick<Runtime, 'userId' | 'env' | 'homeDirectory'>,
): Promise<readonly Finding[]> {
  const { userId } = runtime;
  const nearest = await nearestFolder(directory);
  if (nearest.path !== directory) {
    if (!nearest.writable) return [unwritable(nearest, undefined)];
    const message = `${directory} does not exist yet; the first backup creates it.`;
    return [{ level: 'ok', check: CHECK, message }];
  }
  const isAsked = (database: string): boolean => databases.length === 0 || databases.includes(database);
  const names = (await listDatabaseFolders(directory)).filter(isAsked);
  const paths = [jobFolder(directory), ...names.map((database) => databaseFolder(directory, database))];
  const inside = (await Promise.all(paths.map(inspectFolder))).filter((state) => state !== undefined);
  // Files in a folder that nobody else may enter are safe, whatever their own mode.
  const reachable = (nearest.mode & 0o011) === 0 ? [nearest] : [nearest, ...inside];
  const standIn = await usableStandIn(directory, runtime);
  const findings = [
    ...[nearest, ...inside].filter(({ writable }) => !writable).map((state) => unwritable(state, standIn)),
    ...[nearest, ...inside].filter(({ ownerId }) => ownerId !== userId && ownerId !== ROOT_ID).map(foreign),
    ...reachable.filter(({ mode }) => (mode & 0o077) !== 0).map(open),
  ];
  if (findings.length > 0) return findings;
  const message = `${directory} is accessible only to its owner (mode ${modeText(nearest)}).`;
  return [{ level: 'ok', check: CHECK, message }];
}

/** Where restores write when this login may only read the backup directory; undefined: nowhere. */
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
    message: `You may not write to ${path}.`,
    why:
      standIn === undefined
        ? 'Backups would fail, and so would restores, which back up first.'
        : `Backups would fail. Existing backups can be restored and rehearsed; job files and safety backups are then kept in ${standIn}`,
    fix: [GIVE],
  };
}

function foreign({ path }: FolderState): Finding {
  return {
    level: 'warning',
    check: CHECK,
    message: `${path} belongs to another user.`,
    why: 'That user can remove or replace backups.',
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
        ? 'They can remove or replace backups.'
        : 'Backups are readable only by their owner, but files copied there may not be.',
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
    message: `The file system of ${path} has no free inodes.`,
    why: 'No more files can be created there, however small.',
    fix: ['Remove files that are no longer needed, or choose another directory with --dir.'],
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
  const message = `${free}; the last ${last.size === 1 ? 'backup is' : `backups of ${last.size} databases are`} ${prettyBytes(lastBytes)}.`;
  const level = judgeFreeSpace(space.bytes, lastBytes);
  if (level === 'ok') return [{ level, check: 'space', message }];
  return [
    {
      level,
      check: 'space',
      message,
      why:
        level === 'problem'
          ? 'There is no room for the next backup of that size, or for the safety backup of a restore.'
          : 'There is room for the next backup, but not for many more.',
      fix: [
        `dbbackup list --dir ${shellWord(directory)}`,
        'Remove old backups, or choose another directory with --dir.',
      ],
    },
  ];
}
