import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { succeeds } from '../../harness/backup.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { dumpToolWith, runSql } from '../../harness/dump-hooks.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeEachServer, describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import { expectFailure, expectToldInJson } from '../../harness/failure.ts';
import { pathWith, programNames } from '../../harness/fake-programs.ts';
import { descendantsOf, signalProcess } from '../../harness/processes.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Larger than what the fakes let through; one row's text looks like the dump's end. */
const SQL = `
  CREATE TABLE notes (id INT PRIMARY KEY, body TEXT);
  INSERT INTO notes VALUES (1, 'one\\n-- Dump completed on 2026-01-01  0:00:00\\n'), (2, REPEAT('x', 3000));
  CREATE TABLE later (id INT);
`;

describeEachServer('the dump tool', (server) => {
  test('asks each table for triggers and histograms only where the database has some', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY, v INT)' });
    const asked = async (): Promise<string> => {
      const { stdout } = await succeeds(['create', database, '--dry-run'], { server });
      return (stdout.match(/--(?:skip-)?triggers|--column-statistics=\d/g) ?? []).join(' ');
    };
    const isMysql = server.flavour === 'mysql';
    expect(await asked()).toBe(`--skip-triggers${isMysql ? ' --column-statistics=0' : ''}`);

    await server.query('CREATE TRIGGER bi BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1', database);
    if (isMysql) await server.query('ANALYZE TABLE t UPDATE HISTOGRAM ON v', database);

    expect(await asked()).toBe(`--triggers${isMysql ? ' --column-statistics=1' : ''}`);
  });

  test('that is not asked for histograms: a first one that comes meanwhile is a warning', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY, v INT)' });
    // MariaDB has another statement for its statistics, which are in no dump.
    const sql =
      server.flavour === 'mysql'
        ? 'ANALYZE TABLE t UPDATE HISTOGRAM ON v'
        : 'ANALYZE TABLE t PERSISTENT FOR ALL';
    const env = await dumpToolWith(server, { first: `${runSql(server, database, sql)} >&2 2>/dev/null` });

    const { stderr } = await succeeds(['create', database], { server, env });
    const warning = `The first histograms of ${database} were made during the dump, and are not in the backup.`;
    expect(stderr.includes(warning)).toBe(server.flavour === 'mysql');

    const again = await succeeds(['create', database], { server, env });
    expect(again.stderr).not.toContain(warning);
  });
});

describeOneServer('a dump', (server) => {
  const { dumpTool } = programNames(server);

  test.each([
    {
      title: 'is refused when half of it came and the tool said success',
      fake: 'dump-tool-cut-in-half.sh',
      message: `${dumpTool} exited successfully, but its end line (-- Dump completed) is missing: the dump is truncated.`,
      hint: 'No backup was made. Try again; if it recurs, check the server log',
    },
    {
      title: 'is refused when its end line stands in the data only',
      fake: 'dump-tool-without-end-line.sh',
      message: 'its end line (-- Dump completed) is missing',
      hint: 'No backup was made.',
    },
    {
      title: 'is refused when nothing came and the tool said success',
      fake: 'dump-tool-that-says-nothing.sh',
      message: 'its end line (-- Dump completed) is missing',
      hint: 'No backup was made.',
    },
    {
      title: 'is refused when it is whole but the tool said failure',
      fake: 'dump-tool-that-fails-at-its-end.sh',
      message: `${dumpTool} failed (exit 2): dump tool: Error: made up at the very end`,
      hint: 'No backup was made. Fix the problem above, then try again.',
    },
  ])('$title', async ({ fake, message, hint }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: fake });
    await madeBackup(server, database);
    const before = await filesOfBackups();

    await expectFailure(['create', database], { server, env }, { code: 'dump-failed', message, hint });
    expect(await filesOfBackups()).toEqual(before);
  });

  test('is refused when its tool is killed', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: 'dump-tool-that-hangs.sh' });
    const run = await startDbbackup(['create', database, '--json'], { server, env });
    const tool = await waitFor('the dump tool to hang', () =>
      descendantsOf(run.pid).find(({ command }) => command === 'sleep 600'),
    );
    signalProcess(tool.pid, 'SIGKILL');

    expectToldInJson(await run.finished, {
      code: 'dump-failed',
      message: `${dumpTool} was killed (SIGKILL) while it dumped ${database}.`,
      hint: 'No backup was made. If the machine ran out of memory, `dmesg` names the killed program',
    });
    expect(await filesOfBackups()).toEqual({});
  });

  test('of a tool that warned is a backup with the warning in its manifest', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: 'dump-tool-that-warns.sh' });
    const warned = '-- Warning: made up for the test';

    const { exitCode, stderr, stdout } = await runDbbackup(['create', database], { server, env });
    const path = stdout.trim();

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining(warned) });
    const manifest = JSON.parse(await readFile(path.replace('.sql.gz', '.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ warnings: [warned] });
  });

  test('stops at --timeout, whatever its tool does', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: 'dump-tool-that-hangs.sh' });

    await expectFailure(
      ['create', database, '--timeout', '8s'],
      { server, env },
      { code: 'timeout', message: 'Stopped after 8 s (--timeout).', hint: 'SHOW PROCESSLIST' },
    );
    expect(await filesOfBackups()).toEqual({});
  });

  test('is not begun without a dump tool, whose package is named', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: undefined }, { alone: true });

    await expectFailure(
      ['create', database],
      { server, env },
      {
        code: 'tool-missing',
        message: [`${dumpTool} and `, `are not installed or not on the PATH (${env.PATH}).`],
        hint: `apt install ${server.flavour}-client (or: dnf install ${server.flavour}, apk add ${server.flavour}-client)`,
      },
    );
    expect(await filesOfBackups()).toEqual({});
  });
});

describe('compressing', () => {
  const server = testServers()[0]!;

  test.each([
    {
      title: 'is refused when zstd is missing',
      fake: undefined,
      code: 'tool-missing',
      message: 'zstd is not installed or not on the PATH.',
      hint: 'apt install zstd, or use --compress gzip.',
    },
    {
      title: 'fails when zstd fails, in its words',
      fake: 'zstd-that-fails.sh',
      code: 'failed',
      message: 'zstd failed (exit 70): zstd: error 70 : made up: cannot allocate',
      hint: 'No backup was made.',
    },
    {
      title: 'fails when zstd is killed',
      fake: 'zstd-that-is-killed.sh',
      code: 'failed',
      message: 'zstd was killed (SIGKILL).',
      hint: 'No backup was made.',
    },
  ] as const)('$title', async ({ fake, code, message, hint }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, fake === undefined ? {} : { zstd: fake }, {
      alone: fake === undefined,
    });

    await expectFailure(['create', database, '--compress', 'zstd'], { server, env }, { code, message, hint });
    expect(await filesOfBackups()).toEqual({});
  });

  test('is not begun with a dump tool that does not say what it is', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: 'program-without-version.sh' });

    await expectFailure(
      ['create', database],
      { server, env },
      {
        code: 'tool-missing',
        message: 'does not report its version.',
        hint: 'its output must name MariaDB or MySQL',
      },
    );
  });
});
