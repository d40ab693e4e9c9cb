import { dirname } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { readFreeBytes } from '../adapters/disk-space.ts';
import { inspectFolder } from '../adapters/folders.ts';
import type { Backup } from '../model/backup.ts';
import type { Finding } from '../model/finding.ts';
import { judgeFreeSpace } from '../model/free-space.ts';
import { SAFETY_LABEL } from '../model/names.ts';
import { shellWord } from '../model/shell-word.ts';

/** The backup directory: whether backups can be written there, and whether others get at them. */
export async function examineFolder(directory: string): Promise<readonly Finding[]> {
  const state = await inspectFolder(directory);
  const above = state ?? (await inspectFolder(dirname(directory)));
  const finding = { check: 'folder' } as const;
  if (above?.writable === false) {
    return [
      {
        level: 'problem',
        ...finding,
        message: `This login may not write to ${state === undefined ? dirname(directory) : directory}.`,
        why: 'No backup could be made, and no restore, which backs up first.',
        fix: ['Give the folder to this login, or give another with --dir.'],
      },
    ];
  }
  if (state === undefined)
    return [
      { level: 'ok', ...finding, message: `${directory} is not there yet; the first backup makes it.` },
    ];
  const mode = state.mode.toString(8).padStart(4, '0');
  if ((state.mode & 0o077) === 0)
    return [{ level: 'ok', ...finding, message: `${directory} is for this login alone (mode ${mode}).` }];
  const may = (state.mode & 0o022) === 0 ? 'look into' : 'write to';
  return [
    {
      level: 'warning',
      ...finding,
      message: `Other users may ${may} ${directory} (mode ${mode}).`,
      why:
        may === 'write to'
          ? 'They can remove backups, or put others in their place.'
          : 'Backups are for their owner alone, but files that were copied there may be not.',
      fix: [`chmod 700 ${shellWord(directory)}`],
    },
  ];
}

/** Whether backups as large as the last one of each database would fit. */
export async function examineSpace(
  directory: string,
  backups: readonly Backup[],
): Promise<readonly Finding[]> {
  const freeBytes = await readFreeBytes(directory);
  if (freeBytes === undefined) return [];
  const last = new Map<string, number>();
  for (const { database, sizeBytes, state, label } of backups) {
    if (state === 'complete' && label !== SAFETY_LABEL && !last.has(database)) last.set(database, sizeBytes);
  }
  const lastBytes = [...last.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  const free = `${prettyBytes(freeBytes)} free for ${directory}`;
  if (last.size === 0) return [{ level: 'ok', check: 'space', message: `${free}; there is no backup yet.` }];
  const message = `${free}; the last ${last.size === 1 ? 'backup has' : `backups of ${last.size} databases have`} ${prettyBytes(lastBytes)}.`;
  const level = judgeFreeSpace(freeBytes, lastBytes);
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
