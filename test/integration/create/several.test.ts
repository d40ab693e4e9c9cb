import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { newAccount } from '../../harness/accounts.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import { workspace } from '../../harness/workspace.ts';

describeOneServer('create of several databases', (server) => {
  test('prints a path for each, in the order in which they were named', async () => {
    const first = await freshDatabase(server, { sql: SHOP_SQL });
    const second = await freshDatabase(server, { sql: SHOP_SQL });
    const { backups } = await workspace();

    const { stdout } = await succeeds(['create', second, first, second], { server });

    expect(stdout.split('\n').map((path) => path.replace(/\/manual_[\d_-]+\.sql\.gz$/, ''))).toEqual([
      `${backups}/${second}`,
      `${backups}/${first}`,
      '',
    ]);
  });

  test('backs up the others when one fails, and exits 3', async () => {
    const good = await freshDatabase(server, { sql: SHOP_SQL });
    const missing = unusedName('missing');

    const text = await runDbbackup(['create', missing, good], { server });
    const json = await runDbbackup(['create', missing, good, '--json'], { server });

    expect(text.exitCode).toBe(3);
    expect(text.stdout).toMatch(new RegExp(`^/[^\n]*/${good}/manual_[\\d_-]+\\.sql\\.gz\n$`));
    expect(text.stderr).toContain(`${missing}: There is no database ${missing} on this server.`);
    expect(json.exitCode).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'dbbackup/create/1',
      ok: false,
      exitCode: 3,
      backups: [{ database: good }],
      failures: [{ database: missing, error: { code: 'not-found' } }],
    });
  });

  test('a warning says of which database it is, which with --quiet nothing else does', async () => {
    const plain = await freshDatabase(server, { sql: 'CREATE TABLE sessions (id INT) ENGINE = MyISAM;' });
    const safe = await freshDatabase(server, { sql: SHOP_SQL });

    const { stderr } = await succeeds(['create', plain, safe, '--quiet'], { server });

    expect(stderr).toContain(`warning: ${plain}: Not in the snapshot, because`);
    const alone = await succeeds(['create', plain, '--quiet'], { server });
    expect(alone.stderr).toContain('warning: Not in the snapshot, because');
  });

  test('says which of how many it is at, and ends with a line that sums up', async () => {
    const good = await freshDatabase(server, { sql: SHOP_SQL });
    const other = await freshDatabase(server, { sql: SHOP_SQL });
    const missing = unusedName('missing');

    const { stderr } = await runDbbackup(['create', good, missing, other], { server });
    expect(stderr).toContain(`Creating database backup... 1 of 3: ${good}\n`);
    expect(stderr).toContain(`Creating database backup... 3 of 3: ${other}\n`);
    expect(stderr).toMatch(/Z 2 backups, [\d.]+ kB in [\d.]+ (ms|s); 1 failed\n$/);
    const single = await succeeds(['create', good], { server });
    expect(single.stderr).toContain('Creating database backup...\n');
    expect(single.stderr).toMatch(/ backed up: .*\n$/);
  });

  test('--all-databases takes all that the account sees but the system schemas', async () => {
    const first = await freshDatabase(server, { sql: SHOP_SQL });
    const second = await freshDatabase(server, { sql: SHOP_SQL });
    // Sees system schemas as well, and no database of a test that runs beside this one.
    const account = await newAccount(server);
    if (server.flavour === 'mysql') await account.grant('SHOW_ROUTINE', '*.*');
    await account.grant('SELECT', 'mysql.*');
    for (const name of [first, second]) await account.grant('ALL', `${name}.*`);

    const { stdout } = await succeeds(['create', '--all-databases'], { server, env: account.env });

    const made = stdout.trim().split('\n');
    expect(made.map((path) => path.split('/').at(-2))).toEqual([first, second].sort());

    const but = ['create', '-A', '--exclude-database', `${first.slice(0, -1)}?`, '--exclude-database=no_*'];
    const fewer = await succeeds([...but, '--exclude-database', 'test'], { server, env: account.env });
    expect(
      fewer.stdout
        .trim()
        .split('\n')
        .map((path) => path.split('/').at(-2)),
    ).not.toContain(first);
    expect(fewer.stderr).toContain('warning: --exclude-database no_* leaves no database out.');
    const none = await runDbbackup(['create', '-A', '--exclude-database', '*'], { server, env: account.env });
    expect(none).toMatchObject({ exitCode: 10 });
    expect(none.stderr).toContain('Every database that the account can see is excluded.');
  });
});

test.each([
  {
    args: ['mysql'],
    message: 'mysql is a system schema; it cannot be backed up or restored on its own.',
    hint: 'Name a database of your own. --all-databases skips system schemas, too.',
  },
  {
    args: ['a', 'b', '--output', 'x.sql'],
    message: '--output takes exactly one database.',
    hint: 'leave out --output',
  },
  {
    args: ['a', '--all-databases'],
    message: '--all-databases and names of databases were both given.',
    hint: 'one of',
  },
  { args: [], message: 'No database given.', hint: 'dbbackup create <database>' },
  {
    args: ['a', '--label', 'pre-restore'],
    message: 'is reserved for the safety backups of restore',
    hint: 'another label',
  },
  {
    args: ['a', '--output', '-', '--json'],
    message: '--json and --output - both write to stdout.',
    hint: 'one of',
  },
])('create $args is refused before anything is done', async ({ args, message, hint }) => {
  const server = testServers()[0]!;

  const { exitCode, stderr, stdout } = await runDbbackup(['create', ...args], { server });

  expect(exitCode).toBe(2);
  if (!args.includes('--json')) expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});
