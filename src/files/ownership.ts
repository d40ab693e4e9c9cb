import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { shellWord } from '../run/shell-command.ts';
import { nameOfUser } from './user-names.ts';

const OWNER_BITS = { read: 0o400, write: 0o200 } as const;

/** Whether this login was refused, whatever was asked for. */
export function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** Who owns what is at `path`, by name; undefined when it is not there, or not to be seen. */
export function ownerOf(path: string): string | undefined {
  const state = seen(path);
  return state && nameOfUser(state.uid);
}

/**
 * What to do about a file or folder that this login may not use. Synchronous, as what meets it is.
 *
 * @returns undefined when no owner is in the way: what is there is closed to its own owner, too.
 */
export function ownershipHint(path: string, access: keyof typeof OWNER_BITS): string | undefined {
  const barrier = nearestSeen(path);
  if (barrier === undefined || (barrier.state.mode & OWNER_BITS[access]) === 0) return undefined;
  const owner = nameOfUser(barrier.state.uid);
  const folder = seen(dirname(barrier.path));
  // A folder of the system's, such as /var/backups or /tmp, does not say whose what is in it should be.
  if (folder === undefined || folder.uid === 0 || folder.uid === barrier.state.uid)
    return `${barrier.path} belongs to ${owner}. ${access === 'write' ? 'Give the folder to this login, run' : 'Run'} dbbackup as its owner (sudo -u ${owner}), or give another folder with --dir.`;
  const folderOwner = nameOfUser(folder.uid);
  return `${barrier.path} belongs to ${owner}, and the folder that it is in to ${folderOwner}. Give it back:\nsudo chown -R ${folderOwner} ${shellWord(barrier.path)}`;
}

/** What is there, or the nearest folder above it: what is below a closed folder cannot even be seen. */
function nearestSeen(path: string): { readonly path: string; readonly state: Stats } | undefined {
  for (let at = path; ; at = dirname(at)) {
    const state = seen(at);
    if (state !== undefined) return { path: at, state };
    if (dirname(at) === at) return undefined;
  }
}

function seen(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
