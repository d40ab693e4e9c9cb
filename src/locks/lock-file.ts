import { randomBytes } from 'node:crypto';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DbBackupError } from '../run/errors.ts';
import { furtherCommand } from '../run/further-command.ts';
import type { LockedFor, LockRecord } from './lock-record.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { shellWord } from '../run/shell-command.ts';
import { directoryOfLock } from '../backups/directory/layout.ts';
import { readRecordFile, UnfitFileError } from '../files/record-file.ts';
import { writeNewFile } from '../files/new-file.ts';
import { isForbidden, ownerOf } from '../files/ownership.ts';
import { readFailure, storageFailure } from '../files/file-failure.ts';
import { judgeProcess, readStartTime } from './processes.ts';

/** A record is never near this size; a larger file is not ours. */
const LARGEST_RECORD_BYTES = 64 * 1024;
const ORPHAN_GRACE_MS = 5_000;

/** A lock that is held until disposed. */
export interface LockFile extends AsyncDisposable {
  /**
   * Adds a program that must have ended before anyone may take over, should this process die.
   *
   * @throws {DbBackupError} `locked` when the lock was removed by hand and another run has it now; `no-space`.
   */
  addChild(program: string, pid: number): Promise<void>;
}

/**
 * What a lock file holds: nothing (free), a record, something that no release of dbbackup wrote, or something this
 * login may not read: then another user's run has or had it.
 */
export type LockState = LockRecord | 'unreadable' | 'forbidden' | undefined;

/** The record, if there is a readable one. */
export function recordOf(state: LockState): LockRecord | undefined {
  return typeof state === 'string' ? undefined : state;
}

/**
 * Takes the lock at `path`, immediately or not at all.
 *
 * The record is written whole under another name and appears by link(2), which fails when the name is taken: of
 * any number of contenders exactly one succeeds, and no one ever sees half a record. A lock whose process is
 * proven gone is removed first; who may remove it is itself decided by a lock, named for the stale one's token, so
 * that nobody ever removes a lock that another run has just taken.
 *
 * @param program How dbbackup was started, for commands shown in errors.
 * @param orphanGraceMs How long a program left by a dead run gets to notice that its input has ended.
 * @throws {DbBackupError} `locked`, naming the holder; `no-space` when the folder cannot be written.
 */
export async function takeLock(
  path: string,
  record: LockRecord,
  program?: string,
  orphanGraceMs: number = ORPHAN_GRACE_MS,
): Promise<LockFile> {
  for (;;) {
    if (await linkRecord(path, record)) return heldLock(path, record, program);
    const holder = await readLock(path);
    if (holder === undefined) continue; // released in between
    if (typeof holder === 'string') throw unknownHolder(holder, path, program);
    if (!(await isStale(holder, record.process, orphanGraceMs))) throw lockedBy(holder, path, program);
    // Only the holder of this inner lock may remove this holder's record. It is released only after that, so a later
    // contender finds the record gone or another's.
    await using _removal = await takeLock(`${path}.${holder.token}`, { ...record, token: newLockToken() });
    if (recordOf(await readLock(path))?.token === holder.token) await rm(path, { force: true });
  }
}

export function newLockToken(): string {
  return randomBytes(9).toString('hex');
}

/**
 * Reads who holds a lock.
 *
 * @throws {DbBackupError} `no-space` when its folder may not be looked into, or the disk fails.
 */
export async function readLock(path: string): Promise<LockState> {
  try {
    const { text } = readRecordFile(path, { largestBytes: LARGEST_RECORD_BYTES });
    const { parseLockRecord } = await import('./lock-schema.ts');
    return recordIn(text, parseLockRecord);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof UnfitFileError) return 'unreadable';
    if (isForbidden(error) && (await isThere(path))) return 'forbidden';
    throw readFailure(error, path);
  }
}

function recordIn(text: string, parse: (content: unknown) => LockRecord): LockState {
  try {
    return parse(JSON.parse(text));
  } catch {
    return 'unreadable'; // not JSON, not a record: in any case we did not write it
  }
}

/**
 * Checks whether the lock could be taken now, without taking it.
 *
 * @throws {DbBackupError} `locked`, naming the holder; `no-space` as `readLock`.
 */
export async function refuseWhileLocked(path: string, self: ProcessIdentity, program: string): Promise<void> {
  const holder = await readLock(path);
  if (holder === undefined) return;
  if (typeof holder === 'string') throw unknownHolder(holder, path, program);
  if (!(await isStale(holder, self, ORPHAN_GRACE_MS))) throw lockedBy(holder, path, program);
}

/** Whether the holder, and every program it started, is proven gone. */
async function isStale(holder: LockRecord, self: ProcessIdentity, orphanGraceMs: number): Promise<boolean> {
  if ((await judgeProcess(holder.process, self)) !== 'gone') return false;
  if (holder.process.bootId !== self.bootId) return true;
  for (let waitedMs = 0; waitedMs < orphanGraceMs; waitedMs += 100) {
    if ((await livingChildren(holder)).length === 0) return true;
    await sleep(100);
  }
  return false;
}

async function livingChildren(holder: LockRecord): Promise<LockRecord['children']> {
  const alive = await Promise.all(
    holder.children.map(async ({ pid, startTime }) => (await readStartTime(pid)) === startTime),
  );
  return holder.children.filter((_child, index) => alive[index]);
}

async function linkRecord(path: string, record: LockRecord): Promise<boolean> {
  const draft = `${path}.${newLockToken()}.new`;
  try {
    await writeNewFile(draft, JSON.stringify(record, undefined, 2));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // on a full disk it is there, and empty
    throw await storageFailure(error, path);
  }
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: the current holder has removed our draft together with the leftovers of dead runs.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (code === 'EPERM' || code === 'EOPNOTSUPP' || code === 'ENOTSUP')
      return await writeRecord(path, record);
    throw await storageFailure(error, path);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined); // an unwritable folder: the error above says so
  }
}

/** For file systems without hard links: still exclusive, though a reader may see the record half-written. */
async function writeRecord(path: string, record: LockRecord): Promise<boolean> {
  try {
    await writeNewFile(path, JSON.stringify(record, undefined, 2));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw await storageFailure(error, path);
  }
}

function heldLock(path: string, record: LockRecord, ownProgram: string | undefined): LockFile {
  let current = record;
  return {
    async addChild(program, pid) {
      const startTime = await readStartTime(pid);
      if (startTime === undefined) return; // already ended
      // If it was removed by hand, it is put back, but never over another run's lock.
      const now = await readLock(path);
      if (typeof now === 'string') throw unknownHolder(now, path, ownProgram);
      if (now !== undefined && now.token !== record.token) throw lockedBy(now, path, ownProgram);
      current = { ...current, children: [...current.children, { program, pid, startTime }] };
      const draft = `${path}.${newLockToken()}.new`;
      try {
        await writeNewFile(draft, JSON.stringify(current, undefined, 2));
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
        throw await storageFailure(error, path);
      }
    },
    async [Symbol.asyncDispose]() {
      // It may have been removed by hand and taken by another run since: we may remove only our own.
      const now = await readLock(path).catch(() => undefined);
      if (recordOf(now)?.token === record.token) {
        await rm(path, { force: true }).catch(() => undefined);
      }
    },
  };
}

const NAMES: Readonly<Record<LockedFor, string>> = {
  create: 'A backup',
  restore: 'A restore',
  prune: 'A prune',
  pin: 'A pin',
  verify: 'A rehearsal',
};

/** `status` knows nothing of them. */
const WITHOUT_JOB: ReadonlySet<LockedFor> = new Set(['prune', 'pin']);

/** What a run that finds the lock says of who holds it. */
export function holderProblem(
  state: Exclude<LockState, undefined>,
  path: string,
  program: string | undefined,
): DbBackupError {
  return typeof state === 'string' ? unknownHolder(state, path, program) : lockedBy(state, path, program);
}

function lockedBy(holder: LockRecord, path: string, program: string | undefined): DbBackupError {
  const { process, children } = holder;
  const what = NAMES[holder.operation];
  return new DbBackupError(
    'locked',
    `${what} of ${holder.database} is already running: job ${holder.job}, pid ${process.pid} on ${process.host} as ${process.user}, since ${holder.since.slice(0, 19).replace('T', ' ')} UTC (${holder.command})${
      children.length === 0
        ? ''
        : `, with ${children.map(({ program, pid }) => `${program} (pid ${pid})`).join(', ')}`
    }.`,
    {
      hint: `Wait for it (--lock-wait 10m)${
        WITHOUT_JOB.has(holder.operation)
          ? '.'
          : `, or check on it:\n${furtherCommand(directoryOfLock(path), 'status', [holder.job], [], program)}`
      }\nOnly if that host or container no longer exists, remove ${path}.`,
    },
  );
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unknownHolder(
  why: 'unreadable' | 'forbidden',
  path: string,
  program: string | undefined,
): DbBackupError {
  if (why === 'forbidden') {
    const owner = ownerOf(path) ?? 'another user';
    return new DbBackupError(
      'locked',
      `${path} belongs to ${owner}, and you may not read it: a backup or restore started by ${owner} is or was running.`,
      {
        hint: `Wait for it (--lock-wait 10m), or check whether it is running:\nsudo -u ${owner} ${furtherCommand(directoryOfLock(path), 'status', [], [], program)}\nIf none is running any more:\nsudo rm ${shellWord(path)}`,
      },
    );
  }
  return new DbBackupError('locked', `${path} exists but is not a dbbackup lock; its holder is unknown.`, {
    hint: `Make sure that no backup or restore is running, then remove ${path}.`,
  });
}
