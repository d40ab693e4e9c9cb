import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { expectWholeAfterKill } from './kills-of-create.ts';
import type { Family, Ground, TestBed, Trial } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';
import { TracedRuns } from './traced-run.ts';
import type { TracedCall } from './traced-run.ts';
import { TwoStates } from './two-states.ts';

/** What each call may really answer. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  openat: ['EACCES', 'EMFILE', 'ENOSPC', 'EROFS'],
  read: ['EIO'],
  pread64: ['EIO'],
  write: ['EIO', 'ENOSPC', 'EDQUOT'],
  pwrite64: ['EIO', 'ENOSPC'],
  writev: ['EIO', 'ENOSPC'],
  fsync: ['EIO', 'ENOSPC'],
  link: ['EIO', 'ENOSPC', 'EPERM'],
  rename: ['EIO', 'ENOSPC', 'EROFS'],
  unlink: ['EIO', 'EACCES', 'EROFS'],
  rmdir: ['EIO'],
  mkdir: ['EACCES', 'ENOSPC'],
  close: ['EIO', 'EDQUOT'],
  fchmod: ['EPERM'],
  statx: ['EACCES', 'EIO'],
  getdents64: ['EIO'],
  statfs: ['EIO', 'ENOSYS'],
};

/** Those before which, or in which, a kill leaves something new behind. */
const KILLED_AT = ['openat', 'write', 'fsync', 'link', 'rename', 'unlink', 'mkdir', 'fchmod', 'close'];

export const failingCallsOfCreate: Family = {
  name: 'calls-create',
  promises: 'P17, P1, P16',
  fault: 'each n-th system call of create on its files fails, once and from then on',
  trials: { brief: 1, usual: 90, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => sweptCreate(bed, failures),
};

export const killsAtCallsOfCreate: Family = {
  name: 'kill-calls-create',
  promises: 'P1, P2',
  fault: 'kill -9 of dbbackup in each n-th system call of create on its files',
  trials: { brief: 0, usual: 60, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => sweptCreate(bed, kills),
};

export const failingCallsOfRestore: Family = {
  name: 'calls-restore',
  promises: 'P17, P7, P16',
  fault: 'each n-th system call of restore on its files fails, once and from then on',
  trials: { brief: 0, usual: 70, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => sweptRestore(bed, failures),
};

export const killsAtCallsOfRestore: Family = {
  name: 'kill-calls-restore',
  promises: 'P7, P2',
  fault: 'kill -9 of dbbackup in each n-th system call of restore on its files',
  trials: { brief: 0, usual: 50, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => sweptRestore(bed, kills),
};

type Cases = (calls: readonly TracedCall[]) => readonly string[];

async function sweptCreate(bed: TestBed, casesOf: Cases): Promise<Ground> {
  const site = await Site.open(bed);
  const runs = new TracedRuns(site, bed.folder);
  const args = ['create', site.database];
  await runs.learn(args);
  const { calls } = await runs.run(args);
  await expectWholeBackups(site);
  return {
    cases: casesOf(calls),
    async attempt({ title }: Trial) {
      const { result, calls: traced } = await runs.run(args, title);
      if (title.includes('signal=')) await expectWholeAfterKill(site);
      else {
        expectDocumentedEnd(result);
        const made = await expectWholeBackups(site);
        if (result.exitCode === 0) assert.equal(made.length, 1, 'success means one backup more');
        // A folder out of which nothing can be removed any more keeps the name, too.
        else if (!/^unlink:.*\+$/.test(title))
          assert.deepEqual(made, [], `failure means none: ${result.stderr}`);
        // A file system that knows no links is no failure.
        const isFailure = ({ isInjected, line }: TracedCall): boolean =>
          isInjected && !(line.includes('EPERM') && line.includes('link('));
        const broken = traced.filter((call) => isFailure(call) && isBackupData(call, site));
        if (broken.length > 0) assert.notEqual(result.exitCode, 0, `no success after ${broken[0]!.line}`);
      }
      await site.create();
      await expectWholeBackups(site);
      await expectNothingLeft(site);
      thinOut(site);
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

async function sweptRestore(bed: TestBed, casesOf: Cases): Promise<Ground> {
  const states = await TwoStates.open(bed);
  const { site } = states;
  const runs = new TracedRuns(site, bed.folder);
  const args = (): string[] => ['restore', states.backupToRestore, '--confirm', site.database];
  await states.settle(() => 0, (await runs.learn(args())).result);
  const { calls, result } = await runs.run(args());
  await states.settle(() => 0, result);
  return {
    cases: casesOf(calls),
    async attempt({ title, random }: Trial) {
      const traced = await runs.run(args(), title);
      await states.settle(random, traced.result);
    },
    [Symbol.asyncDispose]: () => states[Symbol.asyncDispose](),
  };
}

/** Whether what failed makes the backup something that cannot be relied on. */
function isBackupData({ name, line }: TracedCall, site: Site): boolean {
  const [path = ''] = /(?<=[<"])\/[^>"]*/.exec(line) ?? [];
  const ofDatabase = path.startsWith(join(site.backups, site.database));
  if (!ofDatabase || !/^(p?write(64|v)?|fsync|link)$/.test(name)) return false;
  return path === join(site.backups, site.database) || /\.(partial|json|gz)$/.test(basename(path));
}

/** Each n-th of each kind, once and from then on; which error takes turns. */
export function failures(calls: readonly TracedCall[]): readonly string[] {
  return Object.entries(ERRORS).flatMap(([name, errors]) =>
    ordinals(calls, name).flatMap((n) => {
      const error = (turn: number): string => errors[(n + turn) % errors.length]!;
      return [`${name}:error=${error(0)}:when=${n}`, `${name}:error=${error(1)}:when=${n}+`];
    }),
  );
}

export function kills(calls: readonly TracedCall[]): readonly string[] {
  return KILLED_AT.flatMap((name) => ordinals(calls, name).map((n) => `${name}:signal=SIGKILL:when=${n}`));
}

/** 1 to the largest number of such calls in any one thread: strace counts for each. */
function ordinals(calls: readonly TracedCall[], name: string): readonly number[] {
  const counts = new Map<string, number>();
  for (const call of calls)
    if (call.name === name) counts.set(call.thread, (counts.get(call.thread) ?? 0) + 1);
  return Array.from({ length: Math.max(0, ...counts.values()) }, (_, n) => n + 1);
}
