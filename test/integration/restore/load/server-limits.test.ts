import { afterAll, beforeAll, expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { manifestOf } from '../../../harness/backup.ts';
import { contentOf, filesOfBackups, madeBackup } from '../../../harness/backups.ts';
import { unusedName } from '../../../harness/database.ts';
import { beginDbbackup, runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { expectFailure, expectToldInJson } from '../../../harness/failure.ts';
import { pathWith, programNames } from '../../../harness/fake-programs.ts';
import { holdTable, lockConnection, waitingConnection } from '../../../harness/held-table.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { OwnServer } from '../../../harness/own-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';

/** Limits hold for a whole server, so these tests have their own. */
describeEachFlavour('a server with limits', (shared) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(shared, ['--max-allowed-packet=64M']);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  async function filledDatabase(sql: string): Promise<string> {
    const database = unusedName();
    await server.sql(`CREATE DATABASE ${database};`);
    await server.sql(sql, database);
    return database;
  }

  async function withGlobal<T>(variable: string, value: number, run: () => Promise<T>): Promise<T> {
    const before = await server.query(`SELECT @@GLOBAL.${variable}`);
    await server.query(`SET GLOBAL ${variable} = ${value}`);
    try {
      return await run();
    } finally {
      await server.query(`SET GLOBAL ${variable} = ${before}`);
    }
  }

  test('on how long a statement may run is dumped and restored all the same', async () => {
    const database = await filledDatabase(manyRowsSql(30_000));
    const before = await contentOf(server, database);
    // MySQL counts milliseconds, MariaDB seconds.
    const [variable, value] =
      server.flavour === 'mysql'
        ? (['max_execution_time', 1] as const)
        : (['max_statement_time', 0.001] as const);

    await withGlobal(variable, value, async () => {
      const path = await madeBackup(server, database);
      const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], { server });
      expect(exitCode, stderr).toBe(0);
    });
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('on how long a connection may idle keeps the lock while the dump tool works', async () => {
    const database = await filledDatabase('CREATE TABLE t (id INT);');
    const env = await pathWith(server, { dumpTool: 'dump-tool-that-hangs.sh' });

    await withGlobal('wait_timeout', 4, async () => {
      const run = await startDbbackup(['create', database], { server, env });
      await waitFor('the dump to start', async () =>
        Object.keys(await filesOfBackups()).some((name) => name.endsWith('.partial')),
      );
      // By the server's own count, which is what its limit goes by.
      const holder = await lockConnection(server, database);
      await waitFor('the connection to idle for longer than the limit', async () => {
        const idle = await server.query(`SELECT time FROM ${server.processlist} WHERE id = ${holder}`);
        return idle === '' || Number(idle) > 6;
      });
      await expectFailure(
        ['create', database, '--dir', 'elsewhere'],
        { server },
        {
          code: 'locked',
          message: `A backup or restore of ${database} is already running, from another host or another backup directory`,
          hint: '--lock-wait',
        },
      );
      run.signal('SIGTERM');
      expect((await run.finished).exitCode).toBe(143);
      await madeBackup(server, database);
    });
  });

  test('on the size of a statement refuses a longer one before anything is touched, with the value that it needs', async () => {
    const database = await filledDatabase(
      "CREATE TABLE t (id INT, words LONGTEXT); INSERT INTO t VALUES (1, REPEAT('x', 3000000));",
    );
    const path = await madeBackup(server, database);
    const before = await contentOf(server, database);

    await withGlobal('max_allowed_packet', 2 ** 20, async () => {
      const told = await expectFailure(
        ['restore', path, '--confirm', database],
        { server },
        {
          code: 'restore-failed',
          message: [
            /The dump's longest statement has 30000\d\d bytes, but the server accepts at most 1048576 \(max_allowed_packet\)\. Nothing was touched\./,
          ],
          hint: 'SET GLOBAL max_allowed_packet = 4194304;',
        },
      );
      await server.sql(told.hint);
      const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], { server });
      expect(exitCode, stderr).toBe(0);
    });
    expect(await contentOf(server, database)).toEqual(before);
  });

  test('on the size of a statement is told by create when the dump has a longer one, with the value that it needs', async () => {
    // In hexadecimal digits a value is twice as long as it was when it came to the server.
    const database = await filledDatabase(
      'CREATE TABLE t (id INT, raw LONGBLOB); INSERT INTO t VALUES (1, REPEAT(0xFF, 700000));',
    );

    await withGlobal('max_allowed_packet', 2 ** 20, async () => {
      const { exitCode, stdout, stderr } = await runDbbackup(['create', database], { server });
      expect(exitCode, stderr).toBe(0);
      const path = stdout.trim();
      const { warnings, longestStatementBytes } = await manifestOf(path);
      expect(longestStatementBytes).toBeGreaterThan(1_400_000);
      const warning = `The longest statement of the backup has ${longestStatementBytes} bytes, but the server accepts at most 1048576. Before a restore: SET GLOBAL max_allowed_packet = 2097152;`;
      expect(warnings).toEqual([warning]);
      expect(stderr).toContain(`warning: ${warning}`);

      await server.sql(/SET GLOBAL .*;/.exec(warning)![0]);
      const restored = await runDbbackup(['restore', path, '--confirm', database], { server });
      expect(restored.exitCode, restored.stderr).toBe(0);
    });
  });

  // The last one: it takes the server with it.
  test('that dies during the dump ends it, and nothing is left', async () => {
    const database = await filledDatabase('CREATE TABLE t (id INT);');
    await madeBackup(server, database);
    const before = await filesOfBackups();
    await holdTable(server, database, 't');
    const run = beginDbbackup(['create', database, '--json'], { server });
    await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
    process.kill(server.pid, 'SIGKILL');

    expectToldInJson(await run.finished, {
      code: 'unreachable',
      message: [
        `${programNames(server).dumpTool} failed (exit `,
        /20(13|06)|Lost connection|gone away|unexpected eof/,
      ],
      hint: 'No backup was made. The connection was lost: check the server log, then try again.',
    });
    expect(await filesOfBackups()).toEqual(before);
  });
});
