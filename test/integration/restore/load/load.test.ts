import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, filesOfBackups, madeBackup } from '../../../harness/backups.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer, testServers } from '../../../harness/describe-each-server.ts';
import { expectFailure, expectToldInJson } from '../../../harness/failure.ts';
import { pathWith, programNames } from '../../../harness/fake-programs.ts';
import { lineOf, makeClientOnly, plant } from '../../../harness/planted-backup.ts';
import { descendantsOf, signalProcess } from '../../../harness/processes.ts';
import { expectNoRowData } from '../../../harness/row-data.ts';
import { replacingJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

const SQL = `
  CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(50));
  INSERT INTO goods VALUES (1, 'hemp'), (2, 'flax');
  CREATE TABLE later (id INT PRIMARY KEY);
`;
/** What stands in the row that is there twice. */
const ROW_DATA = 'canary-in-a-row';
const PLANTED = `INSERT INTO \`goods\` VALUES (3,'${ROW_DATA}'),(3,'${ROW_DATA}-again');`;

/** A backup that fits its manifest, and that no server takes to its end. */
async function spoiltBackup(server: TestServer): Promise<{ path: string; database: string }> {
  const database = await freshDatabase(server, { sql: SQL });
  const path = await madeBackup(server, database, ['--compress', 'none']);
  await plant(path, (sql) => sql.replace('UNLOCK TABLES;', `${PLANTED}\nUNLOCK TABLES;`));
  return { path, database };
}

/** A good backup that only the stock client can load. */
async function clientOnlyBackup(server: TestServer): Promise<{ path: string; database: string }> {
  const database = await freshDatabase(server, { sql: SQL });
  const path = await madeBackup(server, database, ['--compress', 'none']);
  await makeClientOnly(path);
  return { path, database };
}

/** Runs the command that the hint ends with, as a shell would. */
async function runReturnCommand(hint: string, server: TestServer): Promise<void> {
  const [, command = ''] = /To bring back its previous contents:\s+dbbackup (.*)$/.exec(hint) ?? [];
  const { exitCode, stderr } = await runDbbackup(command.split(' '), { server });
  expect(exitCode, stderr).toBe(0);
}

describeOneServer('a load that fails half-way', (server) => {
  test('says the statement without its rows, and leaves the target as it was', async () => {
    const { path, database } = await spoiltBackup(server);
    await server.sql("UPDATE goods SET name = 'since then'; CREATE VIEW since AS SELECT 1 AS one;", database);
    const before = await contentOf(server, database);

    const result = await runDbbackup(['restore', path, '--confirm', database, '--json'], { server });
    expectToldInJson(result, {
      code: 'restore-failed',
      message: [
        'Loading failed at the table goods, statement 2: ERROR 1062: Duplicate entry',
        `${database} is unchanged.`,
      ],
      hint: undefined,
    });
    await expectNoRowData(ROW_DATA, result);
    expect(await contentOf(server, database)).toEqual(before);
  });
});

describeOneServer('a load that fails half-way', (server) => {
  const { client, dumpTool } = programNames(server);

  test('in place says the command that brings everything back', async () => {
    const { path, database } = await spoiltBackup(server);
    await server.sql("UPDATE goods SET name = 'since then'; CREATE VIEW since AS SELECT 1 AS one;", database);
    const before = await contentOf(server, database);
    const args = ['restore', path, '--confirm', database, '--in-place', '--json'];

    const result = await runDbbackup(args, { server });
    const { hint } = expectToldInJson(result, {
      code: 'restore-incomplete',
      message: [
        'Loading failed at the table goods, statement 2: ERROR 1062: Duplicate entry',
        `${database} now holds only part of the backup.`,
      ],
      hint: `To bring back its previous contents: dbbackup restore ${database}/pre-restore_`,
    });
    await expectNoRowData(ROW_DATA, result);
    expect(await contentOf(server, database)).not.toEqual(before);
    expect(await replacingJobs()).toMatchObject([{ database, state: 'failed' }]);

    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toEqual(before);
    expect(await replacingJobs()).toEqual([]);
  });

  test('through the client says the line without its rows', async () => {
    const { path, database } = await spoiltBackup(server);
    await makeClientOnly(path);
    const line = lineOf(await readFile(path, 'utf8'), PLANTED);
    const before = await contentOf(server, database);

    const result = await runDbbackup(['restore', path, '--confirm', database, '--json'], { server });
    const { hint } = expectToldInJson(result, {
      code: 'restore-incomplete',
      message: [
        `Loading failed at line ${line} of ${path}: ERROR 1062 (23000): Duplicate entry`,
        `${database} now holds only part of the backup.`,
      ],
      hint: 'To bring back its previous contents: ',
    });
    await expectNoRowData(ROW_DATA, result);
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('in place empties a target again that was empty before', async () => {
    const { path } = await spoiltBackup(server);
    const empty = await freshDatabase(server);

    await expectFailure(
      ['restore', path, '--to', empty, '--in-place'],
      { server },
      {
        code: 'restore-failed',
        message: ['ERROR 1062', `${empty} is empty again, as it was.`],
        hint: undefined,
      },
    );
    expect(await server.query('SHOW TABLES', empty)).toBe('');
    expect(await replacingJobs()).toEqual([]);
  });

  test.each([
    {
      title: 'in place removes a target again that it had made',
      args: ['--in-place'],
      state: 'was removed again.',
    },
    { title: 'makes no target', args: [], state: 'was not created.' },
  ])('$title', async ({ args, state }) => {
    const { path } = await spoiltBackup(server);
    const made = databaseToBeMade(server);

    await expectFailure(
      ['restore', path, '--to', made, ...args],
      { server },
      { code: 'restore-failed', message: ['ERROR 1062', `${made} ${state}`], hint: undefined },
    );
    expect(await server.query(`SHOW DATABASES LIKE '${made}'`)).toBe('');
  });

  test('in place is a failure when the client said success after half of it', async () => {
    const { path, database } = await clientOnlyBackup(server);
    const before = await contentOf(server, database);
    const env = await pathWith(server, { client: 'client-that-reads-half.sh' });
    const args = ['restore', path, '--confirm', database, '--in-place', '--json'];

    const { hint } = expectToldInJson(await runDbbackup(args, { server, env }), {
      code: 'restore-incomplete',
      message: `Loading failed: ${client} exited successfully before the end of the dump.`,
      hint: 'To bring back its previous contents: ',
    });
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('is told when the client is killed', async () => {
    const { path, database } = await clientOnlyBackup(server);
    const before = await contentOf(server, database);
    const env = await pathWith(server, { client: 'client-that-hangs.sh' });
    const run = await startDbbackup(['restore', path, '--confirm', database, '--json'], { server, env });
    const hanging = await waitFor('the client to hang', () =>
      descendantsOf(run.pid).find(({ command }) => command === 'sleep 600'),
    );
    signalProcess(hanging.pid, 'SIGKILL');

    const { hint } = expectToldInJson(await run.finished, {
      code: 'restore-incomplete',
      message: [
        `Loading failed: ${client} was killed (SIGKILL)`,
        `${database} now holds only part of the backup.`,
      ],
      hint: 'To bring back its previous contents: ',
    });
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('in place stops at --timeout and says how to return', async () => {
    const { path, database } = await clientOnlyBackup(server);
    const before = await contentOf(server, database);
    const env = await pathWith(server, { client: 'client-that-hangs.sh' });
    const args = ['restore', path, '--confirm', database, '--in-place', '--timeout', '15s', '--json'];

    const { hint } = expectToldInJson(await runDbbackup(args, { server, env }), {
      code: 'timeout',
      message: ['Stopped after 15 s (--timeout).', `${database} now holds only part of the backup.`],
      hint: 'To bring back its previous contents: ',
    });
    await runReturnCommand(hint, server);
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('is not begun without a client, whose package is named', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database);
    const before = { dump: await contentOf(server, database), files: await filesOfBackups() };
    const env = await pathWith(server, { client: undefined }, { alone: true });

    await expectFailure(
      ['restore', path, '--confirm', database],
      { server, env },
      {
        code: 'tool-missing',
        message: [`${client} and `, 'are not installed or not on the PATH'],
        hint: `apt install ${server.flavour}-client`,
      },
    );
    expect({ dump: await contentOf(server, database), files: await filesOfBackups() }).toEqual(before);
  });

  test.each([
    {
      title: 'is missing',
      dumpTool: undefined,
      how: 'would fail',
      words: 'are not installed or not on the PATH',
    },
    {
      title: 'fails',
      dumpTool: 'dump-tool-that-fails-at-its-end.sh',
      how: 'failed',
      words: `${dumpTool} failed (exit 2)`,
    },
    {
      title: 'is cut off',
      dumpTool: 'dump-tool-that-says-nothing.sh',
      how: 'failed',
      words: 'its end line (-- Dump completed) is missing',
    },
  ])('changes nothing when the dump tool for the safety backup $title', async ({ dumpTool, how, words }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database);
    await server.sql('DELETE FROM goods;', database);
    const before = { dump: await contentOf(server, database), files: await filesOfBackups() };
    const env = await pathWith(server, { dumpTool }, { alone: dumpTool === undefined });

    await expectFailure(
      ['restore', path, '--confirm', database],
      { server, env },
      {
        code: 'safety-backup-failed',
        message: [`The safety backup of ${database} ${how}, so nothing was restored: `, words],
        hint: 'Or restore without a safety backup (cannot be undone): --no-safety-backup.',
      },
    );
    expect({ dump: await contentOf(server, database), files: await filesOfBackups() }).toEqual(before);
  });
});

describe('a load', () => {
  const server = testServers()[0]!;

  test('in place without a safety backup has no way back, and says so', async () => {
    const { path, database } = await spoiltBackup(server);

    await expectFailure(
      ['restore', path, '--confirm', database, '--in-place', '--no-safety-backup'],
      { server },
      {
        code: 'restore-incomplete',
        message: [
          'ERROR 1062',
          `${database} now holds only part of the backup, and there is no safety backup.`,
        ],
        hint: 'Fix the cause, then restore again.',
      },
    );
  });

  test('is not begun when zstd is missing', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database, ['--compress', 'zstd']);
    const env = await pathWith(server, {}, { alone: true });

    await expectFailure(
      ['restore', path, '--confirm', database],
      { server, env },
      {
        code: 'tool-missing',
        message: 'zstd is not installed or not on the PATH.',
        hint: 'apt install zstd',
      },
    );
  });

  test('is not begun for a file that does not say where it belongs', async () => {
    const path = join((await workspace()).folder, 'foreign.sql');
    await writeFile(path, 'CREATE TABLE t (id INT);\n-- Dump completed\n');

    await expectFailure(
      ['restore', path],
      { server },
      {
        code: 'usage',
        message: `It is not clear which database to restore ${path} into.`,
        hint: [
          'Name the database to restore into: --to <database>.',
          '--from-database <name> for one of them, or --all for each into its own.',
        ],
      },
    );
    await writeFile(
      path,
      '-- Host: localhost    Database: my shop\nCREATE TABLE t (id INT);\n-- Dump completed\n',
    );
    await expectFailure(
      ['restore', path, '--keep-extra'],
      { server },
      {
        code: 'usage',
        message: 'It is not clear',
        hint: `dbbackup restore ${path} --to 'my shop' --keep-extra --dir `,
      },
    );
    await expectFailure(
      ['restore', path, '--to', 'mysql', '--confirm', 'mysql'],
      { server },
      {
        code: 'usage',
        message: 'mysql is a system schema; nothing can be restored into it.',
        hint: undefined,
      },
    );
  });
});
