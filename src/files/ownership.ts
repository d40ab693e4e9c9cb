import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { shellWord } from '../run/shell-command.ts';
import { nameOfUser } from './user-names.ts';

export const ROOT_ID = 0;

/** Who may have written a file. */
export interface Ownership {
  readonly ownerId: number;
  /** Permission bits, and maybe more. */
  readonly mode: number;
}

/** Another user owns the file; or it is ours, and others may write to it. */
export type Distrust = 'owner' | 'mode';

/**
 * Whether somebody else than the user who runs, or root, may have written a file: then nothing may be done because it
 * says so.
 */
export function whyNotTrusted({ ownerId, mode }: Ownership, userId: number): Distrust | undefined {
  if (ownerId !== userId && ownerId !== ROOT_ID) return 'owner';
  return (mode & 0o022) === 0 ? undefined : 'mode';
}

/** Why a file is not trusted, as a clause. */
export function distrustText(distrust: Distrust, ownerId: number): string {
  return distrust === 'owner' ? `belongs to ${nameOfUser(ownerId)}` : 'may be written by other users';
}

/** A command, to be typed as another user. */
export function commandAs(ownerId: number, command: string): string {
  return ownerId === ROOT_ID ? `sudo ${command}` : `sudo -u ${shellWord(nameOfUser(ownerId))} ${command}`;
}

const OWNER_BITS = { read: 0o400, write: 0o200 } as const;

/** Whether this login was refused access. */
export function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** The name of the owner of `path`; undefined when it does not exist or cannot be seen. */
export function ownerOf(path: string): string | undefined {
  const state = seen(path);
  return state && nameOfUser(state.uid);
}

/**
 * What to do about a file or folder that this login may not use. Synchronous, because its callers are.
 *
 * @returns undefined when ownership is not the problem: its own owner has no access either.
 */
export function ownershipHint(path: string, access: keyof typeof OWNER_BITS): string | undefined {
  const barrier = nearestSeen(path);
  if (barrier === undefined || (barrier.state.mode & OWNER_BITS[access]) === 0) return undefined;
  const owner = nameOfUser(barrier.state.uid);
  const folder = seen(dirname(barrier.path));
  // A system folder such as /var/backups or /tmp does not tell who should own its contents.
  if (folder === undefined || folder.uid === 0 || folder.uid === barrier.state.uid)
    return `${barrier.path} belongs to ${owner}. ${access === 'write' ? 'Change the owner of the directory, run' : 'Run'} dbbackup as its owner (sudo -u ${owner}), or choose another directory with --dir.`;
  const folderOwner = nameOfUser(folder.uid);
  return `${barrier.path} belongs to ${owner}, and its directory to ${folderOwner}. Change the owner back:\nsudo chown -R ${folderOwner} ${shellWord(barrier.path)}`;
}

/** The path itself, or the nearest folder above it: below a closed folder nothing can even be seen. */
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
