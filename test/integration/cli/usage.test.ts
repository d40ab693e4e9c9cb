import { describe, expect, test } from 'vitest';
import { filesOfBackups } from '../../harness/backups.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { expectFailure, expectToldInJson } from '../../harness/failure.ts';
import { fakeServer } from '../../harness/fake-server.ts';

describe('no database, though there is a URL', () => {
  test.each([
    {
      args: ['-H', '127.0.0.1'],
      url: 'mysql://root@db/shop',
      message: 'No database given: DATABASE_URL is ignored because of --host.',
    },
    { args: [], url: 'mysql://root@127.0.0.1:3306', message: 'No database given: DATABASE_URL names none.' },
    { args: [], url: '', message: 'No database given: DATABASE_URL is empty.' },
    {
      args: ['--defaults-file', '/dev/null'],
      url: 'mysql://root@db/shop',
      message: 'No database given: DATABASE_URL is ignored because of --defaults-file.',
    },
  ])('$message', async ({ args, url, message }) => {
    await expectFailure(
      ['create', ...args],
      { env: { DATABASE_URL: url } },
      { code: 'usage', message, hint: 'dbbackup create <database>, or dbbackup create --all-databases' },
    );
  });
});

test.each([
  {
    args: ['create'],
    message: 'No database given.',
    hint: 'npx dbbackup create <database>, or npx dbbackup create --all-databases',
  },
  {
    args: ['status', '--wait'],
    message: '--wait needs a job.',
    hint: 'npx dbbackup status shows the ids; then npx dbbackup status <job> --wait',
  },
])('who uses npx is told to type npx: $message', async ({ args, message, hint }) => {
  await expectFailure(args, { env: { npm_command: 'exec' } }, { code: 'usage', message, hint });
});

describe('a command line that cannot be meant', () => {
  test.each([
    {
      args: ['create', 'shop', '--nonsense'],
      message: 'Unknown option --nonsense.',
      hint: 'dbbackup create --help',
    },
    {
      args: ['create', 'shop', '--compres', 'gzip'],
      message: 'Unknown option',
      hint: 'did you mean --compress?',
    },
    {
      args: ['create', 'shop', '--pasword=hunter2'],
      message: 'Unknown option --pasword.',
      hint: 'dbbackup create --help',
    },
    { args: ['creat', 'shop'], message: "Unknown command 'creat'.", hint: 'did you mean create?' },
    {
      args: ['create', 'shop', '-h', '127.0.0.1'],
      message: '-h means help, not the host.',
      hint: 'Use -H for the host: dbbackup create shop -H 127.0.0.1',
    },
    {
      args: ['create'],
      message: 'No database given.',
      hint: 'dbbackup create <database>, or dbbackup create --all-databases',
    },
    {
      args: ['restore'],
      message: 'No backup given.',
      hint: 'Name one, such as shop/latest. To list them: dbbackup list --dir /',
    },
    {
      args: ['create', '--all-databases', 'shop'],
      message: '--all-databases and names of databases were both given.',
      hint: 'use only one of them',
    },
    {
      args: ['create', 'shop', '--compress', 'lzma'],
      message: '--compress is "lzma"; it takes none, gzip[:1-9] or zstd[:1-19].',
      hint: undefined,
    },
    {
      args: ['create', 'shop', '--compress', 'gzip:99'],
      message: '--compress is "gzip:99"; it takes none, gzip[:1-9] or zstd[:1-19].',
      hint: undefined,
    },
    {
      args: ['create', 'shop', '--port', 'x'],
      message: 'The port from --port is not a number from 1 to 65535.',
      hint: 'use --port 3306, or leave it out',
    },
    {
      args: ['create', 'shop', '--label', 'pre-restore'],
      message: '--label is "pre-restore", which is reserved for the safety backups of restore.',
      hint: 'choose another label',
    },
    {
      args: ['create', 'shop', '--label', '../up'],
      message: '--label is "../up"; it takes up to 64 letters',
      hint: undefined,
    },
    {
      args: ['create', 'shop', '--timeout', '5'],
      message: '--timeout is "5"; it takes a duration such as 90s, 30m or 2h',
      hint: 'add the unit: 5s for seconds, 5m for minutes',
    },
    {
      args: ['create', 'shop', '--lock-wait', 'soon'],
      message: '--lock-wait is "soon"; it takes a duration',
      hint: undefined,
    },
    { args: ['create', 'shop', '--ssl-mode', 'MAYBE'], message: /--ssl-mode/, hint: /VERIFY_IDENTITY/ },
    {
      args: ['create', 'shop', '--url', 'postgres://x/y'],
      message: /--url|URL/,
      hint: 'dbbackup backs up MySQL and MariaDB',
    },
    {
      args: ['create', 'mysql'],
      message: 'mysql is a system schema; it cannot be backed up or restored on its own.',
      hint: 'Name a database of your own. --all-databases skips system schemas, too.',
    },
    {
      args: ['create', 'a', 'b', '--output', 'x.sql'],
      message: '--output takes exactly one database.',
      hint: 'leave out --output',
    },
    { args: ['status', '--log'], message: '--log needs a job.', hint: 'dbbackup status shows the ids' },
  ])('$args is refused with the way to say it', async ({ args, message, hint }) => {
    const fake = await fakeServer();
    const { DBBACKUP_PORT: port, ...environment } = fake.environment;
    const env =
      args.includes('--port') || args.includes('--url')
        ? environment
        : { ...environment, DBBACKUP_PORT: port };

    await expectFailure(args, { env }, { code: 'usage', message, hint });
    expect(fake.connections).toBe(0);
    expect(await filesOfBackups()).toEqual({});
  });

  test.each([
    { args: ['create', 'shop', '-pcanary-secret'] },
    { args: ['create', 'shop', '--password=canary-secret'] },
    { args: ['restore', 'latest', '--password', 'canary-secret'] },
  ])('$args.2 is refused without the password being repeated', async ({ args }) => {
    const told = await expectFailure(
      args,
      {},
      {
        code: 'usage',
        message:
          'A password on the command line is visible to every user of this machine, so dbbackup does not accept one there.',
        hint: 'use -p alone to be prompted, --password-file <file>, DBBACKUP_PASSWORD or ~/.my.cnf',
      },
    );
    expect(JSON.stringify(told)).not.toContain('canary');
  });

  test('--json with a dump on stdout is refused as JSON', async () => {
    const result = await runDbbackup(['create', 'shop', '--output', '-', '--json']);

    expectToldInJson(result, {
      code: 'usage',
      message: '--json and --output - both write to stdout.',
      hint: 'use only one of them, or --output <file>',
    });
  });

  test('-p without a terminal is refused, because nobody can be asked', async () => {
    await expectFailure(
      ['create', 'shop', '-p'],
      {},
      { code: 'usage', message: /password/i, hint: /--password-file/ },
    );
  });

  test('a job that there never was is not found', async () => {
    await expectFailure(
      ['status', 'zzzzzzzz'],
      {},
      { code: 'not-found', message: 'zzzzzzzz', hint: 'There are no jobs in --dir ' },
    );
  });
});
