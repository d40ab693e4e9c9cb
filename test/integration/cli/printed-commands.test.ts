import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunResult } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { holdTable } from '../../harness/held-table.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { printedCommands } from '../../harness/printed-commands.ts';
import { runInShell } from '../../harness/shell.ts';
import { comesTo } from '../../harness/swap-journal.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

const SQL = 'CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);';
/** Relative to where the runs stand; no shell takes it as it is. */
const DIRECTORY = "the back-ups'";

/** A database with an odd name, and dbbackup as npx starts it. */
interface Ground {
  readonly server: TestServer;
  readonly database: string;
  readonly run: (...args: string[]) => Promise<RunResult>;
}

/** What prints commands, each with what it is to print, in this order, `NAME` for the database's. */
const SCENES: readonly {
  readonly title: string;
  readonly play: (ground: Ground) => Promise<RunResult>;
  readonly prints: readonly RegExp[];
}[] = [
  {
    title: 'a restore: its undo',
    async play({ run, database }) {
      await run('create', '--', database);
      return run('restore', `--confirm=${database}`, '--', `${database}/latest`);
    },
    prints: [/^npx dbbackup undo /],
  },
  {
    title: 'a restore of some tables with --json: its undo',
    async play({ run, database }) {
      await run('create', '--', database);
      return run('restore', '--json', '--table=t', `--confirm=${database}`, '--', `${database}/latest`);
    },
    prints: [/^npx dbbackup undo /],
  },
  {
    title: 'a restore that may not ask: the same with its answer',
    async play({ run, database }) {
      await run('create', '--', database);
      return run('restore', '--', `${database}/latest`);
    },
    prints: [/^npx dbbackup restore .*--confirm/],
  },
  {
    title: 'a restore of nothing: what there is',
    play: ({ run }) => run('restore'),
    prints: [/^npx dbbackup list /],
  },
  {
    title: 'a restore of a file that is not there: what there is',
    play: ({ run }) => run('restore', '/nowhere/dump.sql'),
    prints: [/^npx dbbackup list /],
  },
  {
    title: 'verify with backups and --all: either',
    async play({ run, database }) {
      await run('create', '--', database);
      return run('verify', '--all', '--', `${database}/latest`);
    },
    prints: [/^npx dbbackup verify .*latest/, /^npx dbbackup verify --all/],
  },
  {
    title: 'a detached run: how to wait for it',
    play: ({ run, database }) => run('create', '--detach', '--', database),
    prints: [/^npx dbbackup status \w+ --wait/],
  },
  {
    title: 'status after a failure: its log',
    async play({ run }) {
      await run('create', 'absent');
      return run('status');
    },
    prints: [/^npx dbbackup status \w+ --log/],
  },
  {
    title: 'a run beside another one: how that stands',
    async play({ run, server, database }) {
      await run('create', '--', database);
      const release = await holdTable(server, database, 't');
      const first = await startDbbackup(['create', '--dir', DIRECTORY, '--', database], { server });
      await runs(run);
      const second = await run('create', '--', database);
      await release();
      await first.finished;
      return second;
    },
    prints: [/^npx dbbackup status \w+ /],
  },
  {
    title: 'the end of a job that has ended: how it ended',
    async play({ run, database }) {
      await run('create', '--', database);
      const { jobs } = JSON.parse((await run('status', '--json')).stdout) as { jobs: { id: string }[] };
      return run('status', jobs[0]!.id, '--cancel');
    },
    prints: [/^npx dbbackup status \w+ /],
  },
  {
    title: 'status after a restore that was killed: how to settle it',
    async play(ground) {
      await killedInSwap(ground);
      return ground.run('status');
    },
    prints: [/^dbbackup restore --resume \w+ /, /^npx dbbackup status \w+ --log/],
  },
  {
    title: 'doctor after a restore that was killed: a new backup, and how to settle it',
    async play(ground) {
      await killedInSwap(ground);
      return ground.run('doctor', '--', ground.database);
    },
    prints: [/^npx dbbackup create /, /^dbbackup restore --resume \w+ /],
  },
  {
    title: 'doctor after a killed backup: a new one',
    async play({ run, server, database }) {
      await run('create', '--', database);
      const release = await holdTable(server, database, 't');
      const first = await startDbbackup(['create', '--dir', DIRECTORY, '--', database], { server });
      await waitFor('its lock, which doctor will find', isLocked);
      first.signalGroup('SIGKILL');
      await first.finished;
      await release();
      return run('doctor', '--', database);
    },
    prints: [/^npx dbbackup create /],
  },
  {
    title: 'doctor of an empty database: that it may be',
    async play({ run, server, database }) {
      await server.sql('DROP TABLE t;', database);
      return run('doctor', '--', database);
    },
    prints: [/^npx dbbackup create .*--allow-empty/],
  },
];

async function runs(run: Ground['run']): Promise<void> {
  await waitFor('a job to run', async () => {
    const { running } = JSON.parse((await run('status', '--json')).stdout) as { running: unknown[] };
    return running.length > 0;
  });
}

async function isLocked(): Promise<boolean> {
  const names = await readdir(join((await workspace()).folder, DIRECTORY), { recursive: true });
  return names.some((name) => basename(name) === '.lock');
}

async function killedInSwap({ run, server, database }: Ground): Promise<void> {
  leavesBehind(['scratch schema', 'partial'], 'kill -9 leaves it for the commands that are typed');
  await run('create', '--', database);
  const args = ['restore', '--dir', DIRECTORY, `--confirm=${database}`, '--', `${database}/latest`];
  for (let attempt = 0; attempt < 20; attempt++) {
    const killed = await startDbbackup(args, { server });
    const isThere = await comesTo('staging', killed, join((await workspace()).folder, DIRECTORY));
    killed.signalGroup('SIGKILL');
    await killed.finished;
    if (isThere) return;
  }
  throw new Error('The restore was always too quick to be killed.');
}

describeOneServer('every command that a run prints can be typed elsewhere', (server) => {
  let other: OwnServer;

  beforeAll(async () => {
    other = await ownServer(server);
  });

  afterAll(async () => {
    await other[Symbol.asyncDispose]();
  });

  test.each(SCENES)(
    '$title',
    async ({ play, prints }) => {
      const database = await freshDatabase(server, {
        name: `-it's $(id) "${randomBytes(3).toString('hex')}"`,
        sql: SQL,
      });
      const npx = { npm_command: 'exec' };
      const run = (...[command = '', ...args]: string[]) =>
        runDbbackup([command, '--dir', DIRECTORY, ...args], { server, env: npx });
      const commands = printedCommands(await play({ server, database, run }));

      expect(commands).toEqual(prints.map((each) => expect.stringMatching(each) as string));
      // A shell that is about another server, with the same database on it.
      await other.server.sql(`CREATE DATABASE ${quoted(database)}; USE ${quoted(database)}; ${SQL}`);
      const before = await other.server.dump(database);
      for (const command of commands) {
        const url = `mysql://root@${other.server.host}:${other.server.port}/absent`;
        const script = `cd / && export DATABASE_URL=${url} && ${command}`;
        const { exitCode, stderr } = await runInShell(script, other.server, { mayFail: true });
        expect({ command, exitCode, stderr }).toMatchObject({ exitCode: 0 });
      }
      expect(await other.server.dump(database)).toEqual(before);
    },
    120_000,
  );
});
