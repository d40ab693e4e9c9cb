import { describe, expect, test } from 'vitest';
import type { ProgramEnd } from '../../../src/programs/child-program.ts';
import type { DumpRequest } from '../../../src/programs/dump-tool.ts';
import { buildDumpArgs, dumpFailure, dumpWarnings } from '../../../src/programs/dump-tool.ts';
import type { ClientProgram } from '../../../src/programs/client-programs.ts';
import { Secret } from '../../../src/run/secret.ts';

function tool(...options: string[]): ClientProgram {
  return {
    file: '/usr/bin/mysqldump',
    program: 'mysqldump',
    flavour: 'mysql',
    version: '9.7.4',
    options: new Set(options),
  };
}

const NOTHING_SKIPPED = { routines: false, events: false, triggers: false };
const request: DumpRequest = {
  database: 'shop',
  serverVersion: '9.7.4',
  settings: [],
  skip: NOTHING_SKIPPED,
  history: false,
  histograms: false,
  sequences: false,
  without: [],
};

describe('buildDumpArgs', () => {
  test('leaves out by name what is broken', () => {
    expect(buildDumpArgs({ ...request, without: ['a b', 'v'] }, tool()).slice(-4)).toEqual([
      '--ignore-table=shop.a b',
      '--ignore-table=shop.v',
      '--',
      'shop',
    ]);
  });

  test('dumps everything of one database, as a snapshot', () => {
    expect(buildDumpArgs(request, tool())).toEqual([
      '--defaults-file=/dev/fd/3',
      '--single-transaction',
      '--quick',
      '--routines',
      '--triggers',
      '--events',
      '--hex-blob',
      '--no-tablespaces',
      '--default-character-set=utf8mb4',
      '--max-allowed-packet=1G',
      '--',
      'shop',
    ]);
  });

  test('leaves out what it is told to', () => {
    const args = buildDumpArgs(
      { ...request, skip: { routines: true, events: true, triggers: true } },
      tool(),
    );

    expect(args).toEqual(expect.arrayContaining(['--skip-routines', '--skip-events', '--skip-triggers']));
    expect(args).not.toContain('--routines');
  });

  test.each<
    [title: string, option: string, changes: Partial<typeof request>, argument: string, given: boolean]
  >([
    ['no GTIDs where they exist', 'set-gtid-purged', {}, '--set-gtid-purged=OFF', true],
    ['histograms of MySQL', 'column-statistics', { histograms: true }, '--column-statistics=1', true],
    ['no histograms where there can be none', 'column-statistics', {}, '--column-statistics=0', true],
    [
      'no masking policies, which are the server’s own',
      'masking-policies',
      {},
      '--skip-masking-policies',
      true,
    ],
    [
      'what its session lacks, where it can be told',
      'init-command',
      { settings: ["sql_big_selects = 'ON'", 'max_execution_time = 0'] },
      "--init-command=SET SESSION sql_big_selects = 'ON', max_execution_time = 0",
      true,
    ],
    ['nothing of a session that lacks nothing', 'init-command', {}, '--init-command=SET SESSION ', false],
    ['the history of versioned tables', 'dump-history', { history: true }, '--dump-history', true],
    ['no history where there is none', 'dump-history', {}, '--dump-history', false],
  ])('%s', (_title, option, changes, argument, given) => {
    expect(buildDumpArgs({ ...request, ...changes }, tool(option)).includes(argument)).toBe(given);
    expect(buildDumpArgs({ ...request, ...changes }, tool())).not.toContain(argument);
  });

  test('takes no locks for a dump with sequences', () => {
    expect(buildDumpArgs({ ...request, sequences: true }, tool())).toContain('--skip-add-locks');
  });

  test('no name of a database is taken for an option', () => {
    expect(buildDumpArgs({ ...request, database: '--all-databases' }, tool()).slice(-2)).toEqual([
      '--',
      '--all-databases',
    ]);
  });
});

function failure(stderr: string, changes: Partial<ProgramEnd> = {}, maySkip = true) {
  const context = { program: 'mysqldump', database: 'shop', password: new Secret('s3cret'), maySkip };
  return dumpFailure({ exitCode: 2, signal: undefined, stderr, ...changes }, context);
}

describe('dumpFailure', () => {
  test('offers an option of create, where that may be typed', () => {
    const said = 'mysqldump: Got error: 1049: Unknown database';

    expect(failure(said)?.hint).toContain('--skip-events');
    expect(failure(said, {}, false)?.hint).not.toContain('--skip');
  });

  test('is none when the tool exits with 0', () => {
    expect(failure('mysqldump: [Warning] old', { exitCode: 0 })).toBeUndefined();
  });

  test('names the signal that killed it', () => {
    expect(failure('', { exitCode: undefined, signal: 'SIGKILL' })).toMatchObject({
      code: 'dump-failed',
      message: 'mysqldump was killed (SIGKILL) while it dumped shop.',
      hint: expect.stringContaining('dmesg'),
    });
  });

  test.each<[said: string, code: string, hint: string]>([
    [
      "mysqldump: Got error: 1045: Access denied for user 'u'@'h' (using password: YES) when trying to connect",
      'access-denied',
      'privilege',
    ],
    [
      "mariadb-dump: Got error: 1044: \"Access denied for user 'u'@'%' to database 'shop'\" when selecting the database",
      'access-denied',
      'privilege',
    ],
    [
      "mysqldump: Couldn't execute 'SHOW CREATE TABLE `v`': SHOW VIEW command denied to user 'u'@'h' for table `shop`.`v` (1142)",
      'access-denied',
      'privilege',
    ],
    [
      "mysqldump: Got error: 1049: Unknown database 'shop' when selecting the database",
      'not-found',
      'dropped',
    ],
    [
      "mysqldump: Got error: 2002: Can't connect to local server through socket '/run/x.sock' (2) when trying to connect",
      'unreachable',
      'running',
    ],
    [
      'mysqldump: Error 2013: Lost connection to MySQL server during query when dumping table `orders` at row: 7',
      'unreachable',
      'server log',
    ],
    [
      'mariadb-dump: Error 2013: Lost connection to server during query when dumping table `warnings` at row: 7',
      'unreachable',
      'server log',
    ],
    [
      'mysqldump: Got error: 2026: SSL connection error: unsupported protocol when trying to connect',
      'unreachable',
      '--ssl-mode',
    ],
    [
      'mysqldump: Error: 1412: Table definition has changed, please retry transaction when dumping table `t` at row: 0',
      'dump-failed',
      'migration',
    ],
    [
      "mariadb-dump: Couldn't execute 'SHOW FIELDS FROM `v`': View 'shop.v' references invalid table(s) or column(s) or function(s) or definer/invoker of view lack rights to use them (1356)",
      'dump-failed',
      'view',
    ],
    [
      "mysqldump: Got error: 1449: The user specified as a definer ('app'@'%') does not exist when using LOCK TABLES",
      'dump-failed',
      'view',
    ],
    [
      "mysqldump: Couldn't execute 'SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`': Query execution was interrupted, maximum statement execution time exceeded (3024)",
      'dump-failed',
      'max_execution_time',
    ],
    [
      'mysqldump: Error 2020: Got packet bigger than max_allowed_packet bytes when dumping table `t` at row: 1',
      'dump-failed',
      'max_allowed_packet',
    ],
    [
      "mysqldump: Error 145: Table './shop/t' is marked as crashed and should be repaired when dumping table `t` at row: 0",
      'dump-failed',
      'REPAIR TABLE',
    ],
    [
      'mysqldump: Error 2026: SSL error: unexpected eof while reading when dumping table `t` at row: 9',
      'unreachable',
      'connection was lost',
    ],
    ['mysqldump: Error in field count for table: `t` !  Aborting.', 'dump-failed', 'migration'],
    ['mysqldump: Couldn\'t find table: "x"', 'dump-failed', 'Fix the problem above'],
  ])('%s', (said, code, hint) => {
    const error = failure(`mysqldump: [Warning] Using a password on the command line.\n${said}`);

    expect(error).toMatchObject({ code, message: `mysqldump failed (exit 2): ${said}` });
    expect(error?.hint).toMatch(/^No backup was made\. /);
    expect(error?.hint).toContain(hint);
  });

  test('says so when the tool gave no reason', () => {
    expect(failure('WARNING: option --ssl-verify-server-cert is disabled')?.message).toBe(
      'mysqldump failed (exit 2): it gave no reason',
    );
  });

  test('never shows the password', () => {
    expect(failure('mysqldump: Error: bad option s3cret')?.message).toBe(
      'mysqldump failed (exit 2): mysqldump: Error: bad option [hidden]',
    );
  });
});

test('dumpWarnings keeps what a tool that succeeded said, without what means nothing to the user', () => {
  const stderr = [
    '/usr/bin/mysqldump: Deprecated program name. It will be removed in a future release',
    'WARNING: option --ssl-verify-server-cert is disabled, because of an insecure passwordless login.',
    '',
    '  Warning: column statistics not supported by the server.  ',
  ].join('\n');

  expect(dumpWarnings(stderr)).toEqual(['Warning: column statistics not supported by the server.']);
});
