import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockRecord } from '../../src/locks/lock-record.ts';
import { DEATHS, lockRecord } from '../harness/dead-locks.ts';
import { pathOfPrograms } from '../harness/fake-programs.ts';
import { makeClientOnly } from '../harness/planted-backup.ts';
import { descendantsOf, processes, signalProcess } from '../harness/processes.ts';
import type { RunningProgram } from '../harness/running-program.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { Family } from './family.ts';
import {
  expectDocumentedEnd,
  expectNothingLeft,
  expectWholeBackups,
  familyOf,
  thinOut,
} from './invariants.ts';
import { Site } from './site.ts';

/** P12: what is taken over is taken over without a wait; the rest is the backup itself, on a busy machine. */
const AT_ONCE_MS = 4_000;

export const staleLocks: Family = {
  name: 'stale-locks',
  promises: 'P12, P2',
  fault:
    'locks of the dead (killed, reused pid, other boot), of the living (stopped, other namespace, other host) and of nobody',
  trials: { brief: 1, usual: 36, long: 300 },
  servers: 'first',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(
      bed,
      'CREATE TABLE t (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO t VALUES (1);',
      {
        contentChanges: true,
      },
    );
    const lock = join(site.backups, site.database, '.lock');
    const inFolder = (name: string): string => join(site.folder, name);
    await site.create();
    const throughClient = await site.create('--compress', 'none', '--label', 'client');
    await makeClientOnly(throughClient);

    const holding = async (
      wrapper: readonly string[] = [],
      args: readonly string[] = ['create', site.database],
      fakes: Parameters<typeof pathOfPrograms>[2] = { dumpTool: 'program-that-waits-for-go.sh' },
    ): Promise<RunningProgram> => {
      const { PATH } = await pathOfPrograms(site.folder, site.server, fakes);
      for (const name of ['go', 'started']) await rm(inFolder(name), { force: true });
      const holder = await site.start(args, { env: { PATH }, wrapper });
      await waitFor('the holder to hold its lock', () => existsSync(inFolder('started')));
      return holder;
    };
    const expectLocked = async (
      wrapper: readonly string[] = [],
      says = /is already running/,
    ): Promise<void> => {
      const result = await site.run(['create', site.database], { wrapper });
      assert.equal(result.exitCode, 11, result.stderr);
      assert.match(result.stderr, says);
    };
    const runsAtOnce = async (): Promise<void> => {
      const startedAt = Date.now();
      await site.create();
      assert(Date.now() - startedAt < AT_ONCE_MS, `it waited ${Date.now() - startedAt} ms`);
    };
    const completes = async (holder: RunningProgram): Promise<void> => {
      await writeFile(inFolder('go'), '');
      const { exitCode, stderr } = await holder.finished;
      assert.equal(exitCode, 0, stderr);
    };
    /** A file in the lock's place that no run can have written: nobody takes it over, and it stays as it is. */
    const expectUntouched = async (make: () => Promise<void>): Promise<void> => {
      await make();
      const result = await site.run(['create', site.database]);
      expectDocumentedEnd(result);
      assert.notEqual(result.exitCode, 0, 'it does not run');
      await rm(lock, { recursive: true });
      await runsAtOnce();
    };
    const unshare = [
      'unshare',
      '--user',
      '--map-root-user',
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child',
    ];

    const cases: Readonly<Record<string, () => Promise<void>>> = {
      'killed with all that it started': async () => {
        const holder = await holding();
        const family = descendantsOf(holder.pid);
        holder.signal('SIGKILL');
        for (const { pid } of family) signalProcess(pid, 'SIGKILL');
        await holder.finished;
        await waitFor('its end', () => familyOf(site).length === 0);
        await runsAtOnce();
      },
      // It reads, into a pipe that is gone: nobody has to wait for it.
      'killed, while its dump tool lives': async () => {
        const holder = await holding();
        const family = descendantsOf(holder.pid);
        holder.signal('SIGKILL');
        await holder.finished;
        await runsAtOnce();
        for (const { pid } of family) signalProcess(pid, 'SIGKILL');
      },
      // It may still write.
      'killed, while its client lives': async () => {
        const args = ['restore', throughClient, '--confirm', site.database, '--in-place'];
        const holder = await holding([], args, { client: 'program-that-waits-for-go.sh' });
        // Before the lock names it, it has been given nothing to load.
        await waitFor(
          'the lock to name the client',
          async () => (JSON.parse(await readFile(lock, 'utf8')) as LockRecord).children.length > 0,
        );
        const family = descendantsOf(holder.pid);
        holder.signal('SIGKILL');
        await holder.finished;
        await expectLocked([], /with (mariadb|mysql) \(pid \d+\)/);
        for (const { pid } of family) signalProcess(pid, 'SIGKILL');
        await waitFor('its end', () => familyOf(site).length === 0);
        await site.succeeds(args); // what it had begun left the database empty
      },
      stopped: async () => {
        const holder = await holding();
        holder.signal('SIGSTOP');
        await expectLocked();
        holder.signal('SIGCONT');
        await completes(holder);
      },
      'living in another pid namespace': async () => {
        const holder = await holding(unshare);
        await expectLocked();
        await completes(holder);
      },
      'living, seen from another pid namespace': async () => {
        const holder = await holding();
        await expectLocked(unshare);
        await completes(holder);
      },
      'of another host': async () => {
        const record = await lockRecord(site.database, { host: 'another-host', pid: 2 ** 22 + 1 });
        const text = JSON.stringify(record);
        await writeFile(lock, text);
        await expectLocked([], /another-host/);
        assert.equal(await readFile(lock, 'utf8'), text);
        await rm(lock);
        await runsAtOnce();
      },
      'half a record': () => expectUntouched(() => writeFile(lock, '{"schema":"dbbackup/lock/1","tok')),
      'an empty file': () => expectUntouched(() => writeFile(lock, '')),
      'a folder': () => expectUntouched(() => mkdir(lock).then(() => undefined)),
      'a link to another file': async () => {
        await writeFile(inFolder('canary'), 'mine');
        await expectUntouched(() => symlink(inFolder('canary'), lock));
        assert.equal(await readFile(inFolder('canary'), 'utf8'), 'mine');
      },
      ...Object.fromEntries(
        Object.entries(DEATHS).map(([what, death]) => [
          what,
          async () => {
            await writeFile(lock, JSON.stringify(await lockRecord(site.database, death)));
            await runsAtOnce();
          },
        ]),
      ),
    };
    return {
      kinds: Object.keys(cases),
      async attempt({ title }) {
        await cases[title]!();
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        assert(!processes().some(({ cwd }) => cwd === site.folder));
        thinOut(site, [throughClient]);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
