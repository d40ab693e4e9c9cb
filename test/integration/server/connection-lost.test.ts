import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAccount } from '../../harness/accounts.ts';
import { contentOf, filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../harness/failure.ts';
import { pathWith, programNames } from '../../harness/fake-programs.ts';
import { holdTable, lockConnection, waitingConnection } from '../../harness/held-table.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { makeClientOnly } from '../../harness/planted-backup.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';

const SQL = `
  CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(50));
  INSERT INTO goods VALUES (1, 'hemp'), (2, 'flax');
  CREATE TABLE later (id INT PRIMARY KEY);
  INSERT INTO later VALUES (1);
`;
const LOST =
  /20(13|06)|Lost connection|gone away|1927|Connection was killed|1317|interrupted|was lost|unexpected eof|reset by peer|broken pipe/i;

describeOneServer('a connection that is killed', (server) => {
  test('of the dump tool ends the backup, and nothing is left', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await holdTable(server, database, 'later');
    const run = await startDbbackup(['create', database, '--json'], { server });
    const connection = await waitFor('the dump to wait', () => waitingConnection(server, database), {
      deadlineMs: 30_000,
    });
    await server.query(`KILL ${connection}`);

    expectToldInJson(await run.finished, {
      code: 'unreachable',
      message: [`${programNames(server).dumpTool} failed (exit `, LOST],
      hint: 'No backup was made. The connection was lost: check the server log, then try again.',
    });
    expect(await filesOfBackups()).toEqual({});
  });

  test('of the lock does not keep a backup from being made whole', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const release = await holdTable(server, database, 'later');
    const run = await startDbbackup(['create', database], { server });
    await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
    await server.query(`KILL ${await lockConnection(server, database)}`);
    await release();

    const { exitCode, stdout, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    const restored = await runDbbackup(['restore', stdout.trim(), '--confirm', database], { server });
    expect(restored.exitCode, restored.stderr).toBe(0);
  });

  test('of the questions, quiet while the dump tool works, is made anew', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const account = await newAccount(server);
    await account.grant('ALL', '*.*');
    const release = await holdTable(server, database, 'later');
    const run = await startDbbackup(['create', database], { server, env: account.env });
    await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
    const quiet = await server.query(
      `SELECT id FROM ${server.processlist} WHERE user = '${account.user}' AND command = 'Sleep'
        AND id <> ${await lockConnection(server, database)}`,
    );
    expect(quiet).toMatch(/^\d+$/);
    await server.query(`KILL ${quiet}`);
    await release();

    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('lost');
  });

  test('of the lock stops a restore in place, which says how to return', async () => {
    const { database, before, run, letGo } = await pausedRestore(server);
    await server.query(`KILL ${await lockConnection(server, database)}`);

    const { hint } = expectToldInJson(await run.finished, {
      code: 'restore-incomplete',
      message: [
        `The lock on the server for ${database} was lost.`,
        `${database} now holds only part of the backup.`,
      ],
      hint: 'To bring back its previous contents: ',
    });
    await letGo();
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toBe(before);
  });

  test('of the load ends a restore in place, which says how to return', async () => {
    const { database, before, run, letGo } = await pausedRestore(server);
    await server.query(`KILL ${await loadConnection(server, database)}`);
    await letGo();

    const { hint } = expectToldInJson(await run.finished, {
      code: 'restore-incomplete',
      message: [/^Loading failed/, LOST, `${database} now holds only part of the backup.`],
      hint: 'To bring back its previous contents: ',
    });
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toBe(before);
  });
});

describeEachFlavour('a server that dies', (shared) => {
  let own: OwnServer;
  beforeAll(async () => {
    own = await ownServer(shared);
  });
  afterAll(() => own[Symbol.asyncDispose]());

  test('during a restore in place ends it with the command that returns what the target held', async () => {
    leavesBehind(['load account'], 'the server that has it is gone');
    const { database, run, letGo } = await pausedRestore(own.server, async () => {
      await own.server.sql(`CREATE DATABASE shop;`);
      await own.server.sql(SQL, 'shop');
      return 'shop';
    });
    process.kill(own.server.pid, 'SIGKILL');
    const failing = run.finished;
    await letGo();

    expectToldInJson(await failing, {
      code: 'restore-incomplete',
      message: [LOST, `${database} now holds only part of the backup.`],
      hint: `To bring back its previous contents: dbbackup restore ${database}/pre-restore_`,
    });
    const files = Object.keys(await filesOfBackups());
    expect(files.filter((name) => /\.lock|\.partial/.test(name))).toEqual([]);
    expect(files.some((name) => name.includes('/pre-restore_') && name.endsWith('.sql.zst'))).toBe(true);
  });
});

interface PausedRestore {
  readonly database: string;
  /** What the database held before. */
  readonly before: string;
  readonly run: RunningDbbackup;
  readonly letGo: () => Promise<void>;
}

/** A restore in place whose client has the beginning of the dump, waits for the rest, and is connected. */
async function pausedRestore(
  server: TestServer,
  make: () => Promise<string> = () => freshDatabase(server, { sql: SQL }),
): Promise<PausedRestore> {
  const database = await make();
  const path = await madeBackup(server, database, ['--compress=none']);
  await makeClientOnly(path);
  const before = await contentOf(server, database);
  const env = await pathWith(server, { client: 'client-that-pauses.sh' });
  const client = join(env.PATH.split(':')[0] ?? '', programNames(server).client);
  const args = ['restore', path, '--confirm', database, '--in-place', '--json'];
  const run = await startDbbackup(args, { server, env });
  await waitFor('the client to pause', () => existsSync(`${client}.paused`), { deadlineMs: 30_000 });
  await waitFor('the client to connect', () => loadConnection(server, database));
  return { database, before, run, letGo: () => writeFile(`${client}.go`, '') };
}

async function loadConnection(server: TestServer, database: string): Promise<number | undefined> {
  const id = await server.query(`SELECT id FROM ${server.processlist} WHERE db = '${database}'`);
  return id === '' ? undefined : Number(id);
}

/** Runs the command that the hint ends with, as a shell would. */
async function runReturnCommand(hint: string, server: TestServer): Promise<void> {
  const [, command = ''] = /To bring back its previous contents:\s+dbbackup (.*)$/.exec(hint) ?? [];
  const { exitCode, stderr } = await runDbbackup(command.split(' '), { server });
  expect(exitCode, stderr).toBe(0);
}
