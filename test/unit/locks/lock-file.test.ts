import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { newLockToken, readLock, takeLock } from '../../../src/locks/lock-file.ts';
import { identifyProcess, readStartTime } from '../../../src/locks/processes.ts';
import { LOCK_SCHEMA } from '../../../src/locks/lock-record.ts';
import type { LockRecord } from '../../../src/locks/lock-record.ts';
import type { ProcessIdentity } from '../../../src/locks/process-identity.ts';
import { faultsOfDocument } from '../../harness/documents.ts';

const NO_SUCH_PID = 2 ** 22 + 1;

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-file-'));
  path = join(folder, '.lock');
});
afterEach(() => rm(folder, { recursive: true }));

describe('takeLock', () => {
  test('writes who holds it, for its owner only, and leaves nothing when disposed', async () => {
    const record = await ownRecord();
    const lock = await takeLock(path, record);
    await lock.addChild('sh', process.pid);

    expect(await readLock(path)).toMatchObject({ ...record, children: [{ program: 'sh' }] });
    expect(faultsOfDocument(JSON.parse(await readFile(path, 'utf8')))).toEqual([]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['.lock']);
    await lock[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  test('refuses a second taker, naming job, pid, host, user, time and command', async () => {
    const record = await ownRecord();
    await using _lock = await takeLock(path, record);

    await expect(takeLock(path, await ownRecord({ job: 'second' }))).rejects.toMatchObject({
      code: 'locked',
      exitCode: 11,
      message: `A backup of shop is already running: job firstjob, pid ${process.pid} on ${hostname()} as tester, since 2026-11-23 04:00:00 UTC (dbbackup create shop).`,
      hint: `Wait for it (--lock-wait 10m), or check on it:\ndbbackup status firstjob --dir ${dirname(folder)}\nOnly if that host or container no longer exists, remove ${path}.`,
    });
    expect(await readLock(path)).toEqual(record);
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  test.each<{ title: string; holder: Partial<ProcessIdentity> }>([
    { title: 'a pid that is not in use', holder: { pid: NO_SUCH_PID } },
    { title: 'a pid that another process has now', holder: { startTime: '1' } },
    { title: 'another boot, though pid and start time fit', holder: { bootId: 'before-the-reboot' } },
  ])('takes over at once from $title', async ({ holder }) => {
    await leave(await ownRecord({ job: 'dead', process: await identity(holder) }));
    const record = await ownRecord();

    await using _lock = await takeLock(path, record);
    expect(await readLock(path)).toEqual(record);
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  test.each<{ title: string; holder: Partial<ProcessIdentity>; since?: string }>([
    { title: 'another host', holder: { host: 'db2.example.com', pid: NO_SUCH_PID } },
    {
      title: 'another host, years ago',
      holder: { host: 'db2.example.com' },
      since: '1970-01-01T00:00:00.000Z',
    },
    { title: 'another pid namespace', holder: { pidNamespace: 'pid:[1]', pid: NO_SUCH_PID } },
    { title: 'another account', holder: { user: 'somebody-else' } },
    { title: 'a run that began tomorrow', holder: {}, since: '2999-01-01T00:00:00.000Z' },
  ])('never takes over from $title', async ({ holder, since }) => {
    const left = await ownRecord({
      process: await identity(holder),
      ...(since === undefined ? {} : { since }),
    });
    await leave(left);

    const { process: of } = left;
    await expect(takeLock(path, await ownRecord({ job: 'second' }))).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(
        `pid ${of.pid} on ${of.host} as ${of.user}, since ${left.since.slice(0, 10)}`,
      ),
      hint: expect.stringContaining(`remove ${path}`),
    });
    expect(await readLock(path)).toEqual(left);
  });

  test.runIf(process.getuid?.() === 0)(
    'never takes over from a live process of another account',
    async () => {
      const child = spawn('/bin/sleep', ['60'], { uid: 65534, gid: 65534, stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
      const left = await ownRecord({ process: await identifyProcess(child.pid!, hostname(), 'nobody') });
      await leave(left);

      await expect(takeLock(path, await ownRecord())).rejects.toMatchObject({ code: 'locked' });
      expect(await readLock(path)).toEqual(left);
    },
  );

  test('waits for a program that a dead run left, and takes over when it ends', async () => {
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await leave(await withChild(child.pid!));

    const taking = takeLock(path, await ownRecord());
    setTimeout(() => child.kill('SIGKILL'), 300);
    await once(child, 'exit');
    await using _lock = await taking;
    expect(child.killed).toBe(true);
  });

  test('names the program that a dead run left and that does not end', async () => {
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await leave(await withChild(child.pid!));

    await expect(takeLock(path, await ownRecord(), undefined, 300)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`, with mariadb (pid ${child.pid}).`),
    });
  });

  test('does not wait for programs of another boot', async () => {
    const left = await withChild(process.pid);
    await leave({ ...left, process: { ...left.process, bootId: 'before-the-reboot' } });

    await using _lock = await takeLock(path, await ownRecord());
    expect(await readLock(path)).toMatchObject({ job: 'firstjob' });
  });

  test('takes over although another one died while it was taking over', async () => {
    const dead = await ownRecord({ process: await identity({ pid: NO_SUCH_PID }) });
    await leave(dead);
    const alsoDead = await ownRecord({ process: await identity({ pid: NO_SUCH_PID + 1 }) });
    await writeFile(`${path}.${dead.token}`, JSON.stringify(alsoDead));

    const record = await ownRecord();
    await using _lock = await takeLock(path, record);
    expect(await readLock(path)).toEqual(record);
  });

  test.each<{ title: string; make: () => Promise<unknown> }>([
    { title: 'an empty file', make: () => writeFile(path, '') },
    { title: 'binary rubbish', make: () => writeFile(path, Buffer.from([0, 255, 1, 254, 10])) },
    {
      title: 'half a record',
      make: async () => writeFile(path, JSON.stringify(await ownRecord()).slice(0, 90)),
    },
    { title: 'the lock of another program', make: () => writeFile(path, '12345\n') },
    { title: 'JSON that is no record', make: () => writeFile(path, '{"pid": 1}') },
    {
      title: 'a record of a later release',
      make: async () =>
        writeFile(path, JSON.stringify({ ...(await ownRecord()), schema: 'dbbackup/lock/99' })),
    },
    { title: 'a gigabyte', make: async () => (await writeFile(path, ''), await truncate(path, 2 ** 30)) },
    { title: 'a folder', make: () => mkdir(path) },
    { title: 'a FIFO', make: () => Promise.resolve(execFileSync('mkfifo', [path])) },
    { title: 'a dangling symbolic link', make: () => symlink('/nowhere', path) },
  ])('refuses $title in its place, and leaves it there', async ({ make }) => {
    await make();

    await expect(takeLock(path, await ownRecord())).rejects.toMatchObject({
      code: 'locked',
      message: `${path} exists but is not a dbbackup lock; its holder is unknown.`,
      hint: `Make sure that no backup or restore is running, then remove ${path}.`,
    });
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  test('does not follow a symbolic link to somebody else’s file', async () => {
    const canary = join(folder, 'passwd');
    await writeFile(
      canary,
      JSON.stringify(await ownRecord({ process: await identity({ pid: NO_SUCH_PID }) })),
    );
    const before = await readFile(canary, 'utf8');
    await symlink(canary, path);

    await expect(takeLock(path, await ownRecord())).rejects.toMatchObject({ code: 'locked' });
    expect(await readFile(canary, 'utf8')).toBe(before);
  });

  test('says why it cannot be taken where nothing can be written', async () => {
    const missing = join(folder, 'missing', '.lock');

    await expect(takeLock(missing, await ownRecord())).rejects.toMatchObject({
      code: 'no-space',
      message: `${missing} could not be written: its directory no longer exists (ENOENT).`,
    });
  });
});

describe('a held lock', () => {
  test('names the programs that must have ended before anyone takes over', async () => {
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await using lock = await takeLock(path, await ownRecord());
    await lock.addChild('mariadb', child.pid!);
    await lock.addChild('ended', NO_SUCH_PID);

    expect(await readLock(path)).toMatchObject({
      children: [{ program: 'mariadb', pid: child.pid, startTime: await readStartTime(child.pid!) }],
    });
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  test('that was removed by hand does not remove the next one', async () => {
    const lock = await takeLock(path, await ownRecord());
    await rm(path);
    const next = await ownRecord({ job: 'next' });
    await using _next = await takeLock(path, next);

    await lock[Symbol.asyncDispose]();
    expect(await readLock(path)).toEqual(next);
  });

  test('that was removed by hand does not put itself over the next one', async () => {
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lock = await takeLock(path, await ownRecord());
    await rm(path);
    const next = await ownRecord({ job: 'next' });
    await using _next = await takeLock(path, next);

    await expect(lock.addChild('mariadb', child.pid!)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('job next'),
    });
    expect(await readLock(path)).toEqual(next);
    expect(await readdir(folder)).toEqual(['.lock']);
  });
});

async function identity(change: Partial<ProcessIdentity> = {}): Promise<ProcessIdentity> {
  return { ...(await identifyProcess(process.pid, hostname(), 'tester')), ...change };
}

/** A record of this very process. */
async function ownRecord(change: Partial<LockRecord> = {}): Promise<LockRecord> {
  return {
    schema: LOCK_SCHEMA,
    token: newLockToken(),
    job: 'firstjob',
    operation: 'create',
    database: 'shop',
    command: 'dbbackup create shop',
    since: '2026-11-23T04:00:00.000Z',
    process: await identity(),
    children: [],
    ...change,
  };
}

async function withChild(pid: number): Promise<LockRecord> {
  const startTime = (await readStartTime(pid))!;
  const process = await identity({ pid: NO_SUCH_PID });
  return ownRecord({ operation: 'restore', process, children: [{ program: 'mariadb', pid, startTime }] });
}

/** As a run that died left it. */
function leave(record: LockRecord): Promise<void> {
  return writeFile(path, JSON.stringify(record));
}
