import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockRecord } from '../../src/locks/lock-record.ts';
import { startContenders } from '../harness/contenders.ts';
import type { Attempt } from '../harness/contenders.ts';
import { DEATHS, lockRecord } from '../harness/dead-locks.ts';
import { pathOfPrograms } from '../harness/fake-programs.ts';
import { waitFor } from '../harness/wait-for.ts';
import { pick } from './family.ts';
import type { Family } from './family.ts';
import { expectNothingLeft, expectWholeBackups } from './invariants.ts';
import { Site } from './site.ts';

const CONTENDERS = 16;
/** P11: so long may a refusal take. */
const REFUSAL_MS = 1_000;

export const lockRaces: Family = {
  name: 'lock-races',
  promises: 'P11, P12',
  fault: `${CONTENDERS} contenders for both locks of a database, or for one file, from one barrier, at a free or a dead lock`,
  trials: { brief: 2, usual: 400, long: 10_000 },
  servers: 'first',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, 'SELECT 1;');
    const { server, database, backups } = site;
    const all = await startContenders(CONTENDERS, bed.program.dist);
    const connection = {
      endpoint: { kind: 'tcp', host: server.host, port: server.port },
      user: server.user,
      ssl: { mode: 'DISABLED' },
      sources: {},
    };
    const folder = join(backups, database);
    await mkdir(folder, { recursive: true });
    const path = join(folder, '.lock');
    return {
      async attempt({ random }) {
        const wanted = random() < 0.5 ? { path } : { request: { directory: backups, database, connection } };
        const death = pick(random, [undefined, ...Object.values(DEATHS)]);
        if (death !== undefined) await writeFile(path, JSON.stringify(await lockRecord(database, death)));
        const attempts = await all.race(wanted);
        try {
          expectOneWinner(attempts);
          const holder = JSON.parse(await readFile(path, 'utf8')) as LockRecord;
          assert.equal(holder.process.pid, attempts.find(({ kind }) => kind === 'won')?.pid);
        } finally {
          await all.release();
        }
        assert.deepEqual(await readdir(folder), [], 'nothing is left of the locks');
      },
      async [Symbol.asyncDispose]() {
        all.end();
        await site[Symbol.asyncDispose]();
      },
    };
  },
};

function expectOneWinner(attempts: readonly Attempt[]): void {
  const told = attempts.map(({ kind, code, message }) => `${kind} ${code ?? ''} ${message ?? ''}`);
  assert.equal(attempts.filter(({ kind }) => kind === 'won').length, 1, `one winner of ${told.join('\n')}`);
  const lost = attempts.filter(({ kind }) => kind === 'lost');
  assert.deepEqual([...new Set(lost.map(({ code }) => code))], ['locked']);
  const slowest = Math.max(...lost.map(({ tookMs }) => tookMs));
  assert(slowest <= REFUSAL_MS, `a refusal took ${slowest} ms`);
}

export const commandRaces: Family = {
  name: 'command-races',
  promises: 'P11',
  fault: `${CONTENDERS} commands create started at once; one runs, the others exit 11`,
  trials: { brief: 0, usual: 6, long: 200 },
  servers: 'first',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, 'CREATE TABLE t (id INT PRIMARY KEY) ENGINE = InnoDB;');
    const { PATH } = await pathOfPrograms(site.folder, site.server, {
      dumpTool: 'program-that-waits-for-go.sh',
    });
    const go = join(site.folder, 'go');
    return {
      async attempt() {
        await rm(go, { force: true });
        await rm(join(site.folder, 'started'), { force: true });
        const runs = await Promise.all(
          Array.from({ length: CONTENDERS }, () => site.start(['create', site.database], { env: { PATH } })),
        );
        let ended = 0;
        for (const run of runs) void run.finished.then(() => (ended += 1));
        await waitFor('all but one to be refused', () => ended === CONTENDERS - 1, { deadlineMs: 60_000 });
        await waitFor('the one to run', () => existsSync(join(site.folder, 'started')));
        await writeFile(go, '');
        const results = await Promise.all(runs.map((run) => run.finished));
        const codes = results.map(({ exitCode }) => exitCode).sort();
        assert.deepEqual(codes, [0, ...Array<number>(CONTENDERS - 1).fill(11)]);
        for (const { exitCode, stderr } of results)
          if (exitCode === 11) assert.match(stderr, /is already running: job \w{8}, pid \d+ on /);
        assert.equal((await expectWholeBackups(site)).length, 1, 'one backup was made');
        await expectNothingLeft(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
