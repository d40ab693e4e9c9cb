import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveSettings } from '../../../src/settings/resolve-settings.ts';
import { splitValues } from '../../../src/settings/values/repeated.ts';
import { resolveLocalSettings } from '../../../src/settings/resolve-local-settings.ts';
import type { FlagValues } from '../../../src/settings/table/settings-table.ts';

let folder = '';
let home = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'connection-'));
  home = path.join(folder, 'home');
  mkdirSync(home);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string, mode = 0o600): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const myCnf = (text: string) => write('home/.my.cnf', text);

interface Given {
  flags?: FlagValues;
  env?: Record<string, string>;
  asked?: string;
}

const runtime = (env: Record<string, string> = {}) => ({
  env,
  cwd: folder,
  homeDirectory: home,
  userName: 'login',
});

const resolve = ({ flags = {}, env, asked = 'asked' }: Given) =>
  resolveSettings(flags, runtime(env), () => Promise.resolve(asked));

/** Endpoint, user and password in one line: `ann:pw@tcp:db:3306`. */
async function connect(given: Given): Promise<string> {
  const { endpoint, user, password } = (await resolve(given)).connection;
  const where = endpoint.kind === 'socket' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  return `${user}:${password?.reveal() ?? ''}@${where}`;
}

const sourcesOf = async (given: Given) => (await resolve(given)).connection.sources;

describe('where a value comes from', () => {
  const url = 'mysql://url-user:url-pw@url-host:1/shop';

  test('a flag beats our variable, which beats an option file, which beats MYSQL_*', async () => {
    myCnf('[client]\nhost=file\nuser=file\nport=33\npassword=file\n');
    const mysql = { MYSQL_HOST: 'mysql', MYSQL_TCP_PORT: '44', MYSQL_PWD: 'mysql' };
    const ours = {
      ...mysql,
      DBBACKUP_HOST: 'ours',
      DBBACKUP_USER: 'ours',
      DBBACKUP_PORT: '22',
      DBBACKUP_PASSWORD: 'ours',
    };
    expect(await connect({ env: ours, flags: { host: 'flag', user: 'flag', port: '11' } })).toBe(
      'flag:ours@flag:11',
    );
    expect(await connect({ env: ours })).toBe('ours:ours@ours:22');
    expect(await connect({ env: mysql })).toBe('file:file@file:33');
    myCnf('');
    expect(await connect({ env: mysql })).toBe('login:mysql@mysql:44');
  });

  test('each has its source', async () => {
    myCnf('[client]\npassword=x\n[dbbackup]\nuser=ann\n');
    expect(await sourcesOf({ flags: { host: 'db' }, env: { DBBACKUP_PORT: '33' } })).toEqual({
      host: '--host',
      port: 'DBBACKUP_PORT',
      user: `${home}/.my.cnf [dbbackup]`,
      password: `${home}/.my.cnf [client]`,
      'ssl-mode': 'default',
    });
  });

  test('nothing at all means the login name on a local socket', async () => {
    const file = write('empty.cnf', ''); // whatever this machine has in /etc
    expect(await connect({ flags: { 'defaults-file': file } })).toMatch(/^login:@\/.*\.sock$/);
    expect(await sourcesOf({ flags: { 'defaults-file': file } })).toMatchObject({
      socket: 'default',
      user: 'default',
    });
  });

  test('a URL counts whole, and the option files give it nothing', async () => {
    myCnf('[client]\nhost=file\nuser=file\nport=33\npassword=file\n');
    const env = { DATABASE_URL: url, MYSQL_PWD: 'mysql' };
    expect(await connect({ env })).toBe('url-user:url-pw@url-host:1');
    expect(await connect({ env: { ...env, DATABASE_URL: 'mysql://url-host/shop' } })).toBe(
      'login:@url-host:3306',
    );
    expect((await resolve({ env })).connection.database).toBe('shop');
    expect(await sourcesOf({ env })).toMatchObject({
      url: 'DATABASE_URL',
      host: 'DATABASE_URL',
      password: 'DATABASE_URL',
    });
  });

  test.each<[string, Given, string]>([
    ['--host', { flags: { host: 'db' } }, 'login:@db:3306'],
    ['--user', { flags: { user: 'ann', host: 'db' } }, 'ann:@db:3306'],
    ['DBBACKUP_HOST', { env: { DBBACKUP_HOST: 'db' } }, 'login:@db:3306'],
  ])('%s puts the URL aside, password and all', async (_, given, expected) => {
    const withUrl = { ...given, env: { ...given.env, DATABASE_URL: url } };
    expect(await connect(withUrl)).toBe(expected);
    expect((await sourcesOf(withUrl))['url']).toMatch(
      /^DATABASE_URL, not used because of (--host|DBBACKUP_HOST)$/,
    );
    expect((await resolve(withUrl)).connection.database).toBeUndefined();
  });

  test('DBBACKUP_URL beats DATABASE_URL, --url beats both and DBBACKUP_HOST', async () => {
    const env = { DATABASE_URL: url, DBBACKUP_URL: 'mysql://ours' };
    expect(await connect({ env })).toBe('login:@ours:3306');
    expect(await connect({ env: { ...env, DBBACKUP_HOST: 'db' }, flags: { url: 'mysql://flag' } })).toBe(
      'login:@flag:3306',
    );
  });

  test('a URL may stand in a file, and in [dbbackup]', async () => {
    const file = write('url', `${url}\n`);
    expect(await connect({ env: { DBBACKUP_URL_FILE: file } })).toBe('url-user:url-pw@url-host:1');
    myCnf(`[client]\nhost=file\n[dbbackup]\nurl="${url}"\n`);
    expect(await connect({})).toBe('url-user:url-pw@url-host:1');
  });

  test.each<[string, Given, string]>([
    ['a host and a port', { flags: { host: 'url-host', port: '1', user: 'url-user' } }, 'url-user:url-pw'],
    [
      'our variables',
      { env: { DBBACKUP_HOST: 'url-host', DBBACKUP_PORT: '1', DBBACKUP_USER: 'url-user' } },
      'url-user:url-pw',
    ],
    ['another user', { flags: { host: 'url-host', port: '1', user: 'other' } }, 'other:'],
    ['another port', { flags: { host: 'url-host', port: '2', user: 'url-user' } }, 'url-user:'],
    ['no user', { flags: { host: 'url-host', port: '1' } }, 'login:'],
  ])(
    'the password of a URL goes to its own server and user, whoever else names them: %s',
    async (_, given, login) => {
      const withUrl = { ...given, env: { ...given.env, DATABASE_URL: url } };
      expect(await connect(withUrl)).toMatch(new RegExp(`^${login}@url-host:`));
    },
  );

  test('--defaults-file switches DATABASE_URL and MYSQL_* off', async () => {
    const file = write('x.cnf', '[client]\nsocket=/tmp/x.sock\n');
    const env = { DATABASE_URL: url, MYSQL_HOST: 'mysql', MYSQL_PWD: 'mysql' };
    expect(await connect({ env, flags: { 'defaults-file': 'x.cnf' } })).toBe('login:@/tmp/x.sock');
    expect(await connect({ env: { ...env, DBBACKUP_DEFAULTS_FILE: file } })).toBe('login:@/tmp/x.sock');
  });

  test('the group suffix comes from the flag or MYSQL_GROUP_SUFFIX', async () => {
    myCnf('[client]\nhost=plain\n[client_a]\nhost=a\n[client_b]\nhost=b\n');
    const env = { MYSQL_GROUP_SUFFIX: '_a' };
    expect(await connect({ env })).toBe('login:@a:3306');
    expect(await connect({ env, flags: { 'defaults-group-suffix': '_b' } })).toBe('login:@b:3306');
  });

  test('an empty variable is not set', async () => {
    myCnf('[client]\nhost=file\n');
    expect(await connect({ env: { DBBACKUP_HOST: '', DATABASE_URL: '', DBBACKUP_PASSWORD: '' } })).toBe(
      'login:@file:3306',
    );
  });

  test.each([
    {
      env: { DATABASE_URL: '' },
      warns: ['DATABASE_URL is set but empty: it does not name a server.'],
    },
    {
      env: { DBBACKUP_URL: '' },
      warns: ['DBBACKUP_URL is set but empty: it does not name a server.'],
    },
    { env: { DATABASE_URL: '', DBBACKUP_HOST: 'db' }, warns: [] },
    { env: { DATABASE_URL: '', DBBACKUP_URL: 'mysql://db/shop' }, warns: [] },
    { env: { DATABASE_URL: '' }, flags: { 'defaults-file': '/dev/null' }, warns: [] },
  ])('an empty URL is told of where nothing else names the server: $env', async ({ env, flags, warns }) => {
    const { warnings } = await resolve({ env, ...(flags && { flags }) });
    expect(warnings.map(({ message }) => message)).toEqual(warns);
  });

  test('a relative socket is relative to where the user stands', async () => {
    expect(await connect({ flags: { socket: 's.sock' } })).toBe(`login:@${folder}/s.sock`);
  });
});

describe('the password', () => {
  test('of a flag completes or replaces that of a URL; DBBACKUP_PASSWORD only completes', async () => {
    const file = write('pw', 'from-file\n');
    const full = { DATABASE_URL: 'mysql://u:url-pw@db' };
    const bare = { DATABASE_URL: 'mysql://u@db' };
    expect(await connect({ env: full, flags: { 'password-file': file } })).toBe('u:from-file@db:3306');
    expect(await connect({ env: full, flags: { 'ask-password': true } })).toBe('u:asked@db:3306');
    expect(await connect({ env: { ...full, DBBACKUP_PASSWORD: 'ours' } })).toBe('u:url-pw@db:3306');
    expect(await connect({ env: { ...bare, DBBACKUP_PASSWORD: 'ours' } })).toBe('u:ours@db:3306');
    expect(await connect({ env: { ...bare, MYSQL_PWD: 'theirs' } })).toBe('u:@db:3306');
  });

  test('comes from DBBACKUP_PASSWORD_FILE, and a file that others can read is reported', async () => {
    const file = write('pw', 'x\n', 0o644);
    const { connection, warnings } = await resolve({ env: { DBBACKUP_PASSWORD_FILE: 'pw' } });
    expect(connection.password?.reveal()).toBe('x');
    expect(connection.sources['password']).toBe('DBBACKUP_PASSWORD_FILE');
    expect(warnings).toMatchObject([
      {
        message: expect.stringContaining(`Other users can read ${file}`) as string,
        fix: `chmod 600 ${file}`,
      },
    ]);
  });

  test('is asked for when an option file says password without a value, as the clients do', async () => {
    myCnf('[client]\npassword\n');
    expect(await connect({ flags: { host: 'db' } })).toBe('login:asked@db:3306');
    myCnf('[client]\npassword=x\nskip-password\n');
    expect(await connect({ flags: { host: 'db' } })).toBe('login:@db:3306');
  });

  test('may come from a file named in [dbbackup]', async () => {
    const file = write('pw', 'x\n');
    myCnf(`[dbbackup]\npassword-file=${file}\n`);
    expect(await connect({ flags: { host: 'db' } })).toBe('login:x@db:3306');
  });
});

describe('TLS', () => {
  const ssl = async (given: Given) =>
    (await resolve({ ...given, flags: { host: 'db', ...given.flags } })).connection.ssl;

  test('is PREFERRED unless something is said', async () => {
    expect(await ssl({})).toEqual({ mode: 'PREFERRED', ca: undefined, cert: undefined, key: undefined });
  });

  test('takes each part from its strongest source, any case, paths made absolute', async () => {
    myCnf('[client]\nssl-mode=required\nssl-cert=/c.pem\n');
    expect(
      await ssl({
        flags: { 'ssl-key': 'k.pem' },
        env: { DBBACKUP_SSL_MODE: 'verify_identity', DBBACKUP_SSL_CA: '/ca' },
      }),
    ).toEqual({ mode: 'VERIFY_IDENTITY', ca: '/ca', cert: '/c.pem', key: `${folder}/k.pem` });
  });

  test('checks against an authority that is named without a mode', async () => {
    expect(await ssl({ flags: { 'ssl-ca': '/ca.pem' } })).toMatchObject({ mode: 'VERIFY_CA', ca: '/ca.pem' });
  });

  test('of an option file holds for a URL that says nothing of it, and for no other', async () => {
    myCnf('[client]\nssl-mode=VERIFY_CA\nssl-ca=/file-ca\n');
    const of = async (query: string) =>
      (await resolve({ env: { DATABASE_URL: `mysql://db/${query}` } })).connection.ssl;
    expect(await of('')).toMatchObject({ mode: 'VERIFY_CA', ca: '/file-ca' });
    expect(await of('?ssl-mode=REQUIRED')).toMatchObject({ mode: 'REQUIRED', ca: undefined });
  });

  test('warns of options that have no effect here', async () => {
    myCnf('[client]\nssl-capath=/etc/ssl/certs\n');
    expect((await resolve({})).warnings).toMatchObject([
      { message: expect.stringContaining('The option ssl-capath') as string },
    ]);
  });
});

describe('refuses', () => {
  test.each<[string, Given, RegExp]>([
    [
      '--url with --host',
      { flags: { url: 'mysql://a', host: 'b' } },
      /--url and --host cannot be used together/,
    ],
    ['--url with --user', { flags: { url: 'mysql://a', user: 'b' } }, /--url and --user/],
    ['--socket with a host', { flags: { socket: '/s', host: 'db' } }, /--socket and --host name two/],
    ['port 0', { flags: { host: 'db', port: '0' } }, /The port from --port is not/],
    [
      'a port of an environment',
      { env: { DBBACKUP_HOST: 'db', DBBACKUP_PORT: 'x' } },
      /The port from DBBACKUP_PORT/,
    ],
    ['an ssl mode', { flags: { 'ssl-mode': 'sometimes' } }, /The ssl mode from --ssl-mode/],
    ['an empty flag', { flags: { host: '' } }, /--host is empty/],
    [
      'a password in two places',
      { env: { DBBACKUP_PASSWORD: 'x', DBBACKUP_PASSWORD_FILE: '/x' } },
      /are both set/,
    ],
    ['a URL in two places', { env: { DBBACKUP_URL: 'x', DBBACKUP_URL_FILE: '/x' } }, /are both set/],
    [
      '--ask-password with a file',
      { flags: { 'ask-password': true, 'password-file': '/x' } },
      /cannot be used together/,
    ],
    [
      'a missing password file',
      { flags: { 'password-file': '/nonexistent' } },
      /\/nonexistent \(--password-file\) does not/,
    ],
    [
      'a missing defaults file',
      { flags: { 'defaults-file': '/nonexistent' } },
      /\/nonexistent cannot be read/,
    ],
    ['a PostgreSQL URL', { env: { DATABASE_URL: 'postgres://a' } }, /another kind of database/],
  ])('%s', async (_, given, message) => {
    await expect(resolve(given)).rejects.toThrow(message);
    await expect(resolve(given)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a profile', () => {
  const local = (flags: FlagValues, env: Record<string, string> = {}) =>
    resolveLocalSettings(flags, runtime(env)).then(({ values }) => values);

  test('is the suffix of the groups that are read, too', async () => {
    myCnf(
      '[client]\nuser=root\n[dbbackup]\ndir=/b\nlabel=x\n[dbbackup_nightly]\nlabel=nightly\n[client_nightly]\nuser=backup\n',
    );
    expect(await local({ profile: 'nightly' })).toEqual({ dir: '/b', label: 'nightly' });
    expect(await local({}, { DBBACKUP_PROFILE: 'nightly' })).toMatchObject({ label: 'nightly' });
    expect(await local({})).toEqual({ dir: '/b', label: 'x' });
    const { connection, sameServer } = await resolve({ flags: { profile: 'nightly' } });
    expect(connection.user).toBe('backup');
    expect(sameServer).toEqual(expect.arrayContaining(['--defaults-group-suffix', '_nightly']));
  });

  test('that nobody has is refused, with those that there are', async () => {
    myCnf('[dbbackup_nightly]\nlabel=nightly\n[client_weekly]\nuser=w\n[mysqld_x]\nport=1\n');
    await expect(local({ profile: 'nihgtly' })).rejects.toMatchObject({
      code: 'usage',
      message: 'There is no profile nihgtly: no option file has a group [dbbackup_nihgtly].',
      hint: 'there are: nightly, weekly',
    });
    myCnf('[dbbackup]\nlabel=x\n');
    await expect(local({ profile: 'nightly' })).rejects.toMatchObject({
      hint: 'write its settings below a line [dbbackup_nightly] in an option file, such as ~/.my.cnf',
    });
  });

  test('and a suffix cannot name different groups', async () => {
    myCnf('[dbbackup_nightly]\nlabel=nightly\n');
    const same = { profile: 'nightly', 'defaults-group-suffix': '_nightly' } as const;
    expect(await local(same)).toMatchObject({ label: 'nightly' });
    await expect(local({ ...same, 'defaults-group-suffix': '_x' })).rejects.toMatchObject({
      code: 'usage',
      message: '--profile and --defaults-group-suffix name different groups.',
    });
  });
});

test('a setting that may be given several times adds up the lines of a file', async () => {
  myCnf('[dbbackup]\nexclude-database=test_*\nexclude-database=scratch\n');
  const { values } = await resolveLocalSettings({}, runtime({}));

  expect(splitValues(values['exclude-database'] as string)).toEqual(['test_*', 'scratch']);
});

describe('resolveLocalSettings', () => {
  const local = (flags: FlagValues, env: Record<string, string> = {}) =>
    resolveLocalSettings(flags, runtime(env)).then(({ values }) => values);

  test('takes flag, then variable, then [dbbackup]', async () => {
    myCnf('[dbbackup]\ndir=/file\nlabel=file\ncompress=none\n');
    const env = { DBBACKUP_DIR: '/env', DBBACKUP_LABEL: 'env' };
    expect(await local({ dir: '/flag' }, env)).toEqual({ dir: '/flag', label: 'env', compress: 'none' });
  });

  test('needs no valid connection', async () => {
    myCnf('[client]\nport=none\nssl-mode=none\n[dbbackup]\ndir=~/backups\n');
    expect(await local({}, { DATABASE_URL: 'nonsense', DBBACKUP_PORT: 'x' })).toEqual({
      dir: `${home}/backups`,
    });
  });

  test('honours DBBACKUP_DEFAULTS_FILE', async () => {
    expect(await local({}, { DBBACKUP_DEFAULTS_FILE: write('x.cnf', '[dbbackup]\ndir=/x\n') })).toEqual({
      dir: '/x',
    });
  });

  test('reads switches', async () => {
    myCnf('[dbbackup]\nallow-empty\nskip_events=1\nskip-triggers=off\n');
    expect(await local({}, { NO_COLOR: '1' })).toEqual({
      'no-color': true,
      'allow-empty': true,
      'skip-events': true,
    });
  });

  test('never holds a secret', async () => {
    const { values } = await resolve({ env: { DBBACKUP_PASSWORD: 'x', DATABASE_URL: 'mysql://u:p@h' } });
    expect(values).toEqual({});
  });

  test.each<[string, RegExp, RegExp]>([
    ['compres=none', /has the setting compres, which does not exist/, /did you mean compress\?/],
    ['nothing-like-it=1', /nothing-like-it/, /there are: dir, /],
    ['defaults-file=/x', /defaults-file, which does not exist/, /./],
    ['dir', /dir in .* has no value/, /write dir=/],
  ])('refuses %s in [dbbackup]', async (line, message, hint) => {
    myCnf(`[dbbackup]\n${line}\n`);
    await expect(local({})).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('passes over an unknown setting with loose-, and connection settings', async () => {
    myCnf('[dbbackup]\nloose-later=1\nhost=db\nssl-mode=REQUIRED\nskip-ssl\npassword=x\n');
    expect(await local({})).toEqual({});
  });
});

describe('the flags that reach the same server from anywhere', () => {
  const again = async (given: Given) => (await resolve(given)).sameServer.join(' ');
  const SERVER = '--host db --port 33 --user u --ssl-mode PREFERRED';

  test.each<[string, Given]>([
    ['flags', { flags: { host: 'db', port: '33', user: 'u' } }],
    ['our variables', { env: { DBBACKUP_HOST: 'db', DBBACKUP_PORT: '33', DBBACKUP_USER: 'u' } }],
    ['a URL with a password', { env: { DATABASE_URL: 'mysql://u:secret@db:33/shop' } }],
  ])('name it, though it came from %s', async (_, given) => {
    expect(await again(given)).toBe(SERVER);
  });

  test('name it, though it came from an option file', async () => {
    myCnf('[client]\nhost=db\nport=33\nuser=u\npassword=secret\n');

    expect(await again({})).toBe(SERVER);
  });

  test('name option files of a variable or a relative path by their absolute paths', async () => {
    write('my.cnf', '[client]\nhost=db\nport=33\nuser=u\npassword=secret\n');
    const file = `--defaults-file ${folder}/my.cnf ${SERVER}`;

    expect(await again({ env: { DBBACKUP_DEFAULTS_FILE: 'my.cnf' } })).toBe(file);
    expect(await again({ flags: { 'defaults-file': './my.cnf' } })).toBe(file);
    expect(
      await again({ flags: { 'defaults-extra-file': 'my.cnf' }, env: { MYSQL_GROUP_SUFFIX: '_x' } }),
    ).toBe(`--defaults-extra-file ${folder}/my.cnf --defaults-group-suffix _x ${SERVER}`);
  });

  test.each<[string, Given]>([
    ['a flag', { flags: { 'password-file': 'pw' } }],
    ['a variable', { env: { DBBACKUP_PASSWORD_FILE: 'pw' } }],
  ])('say where the password is: %s', async (_, { flags, env }) => {
    write('pw', 'secret');
    const given = { flags: { ...flags, host: 'db', port: '33', user: 'u' }, ...(env && { env }) };

    expect(await again(given)).toContain(` --password-file ${folder}/pw `);
  });

  test.each<[string, Given]>([
    ['it was asked for', { flags: { 'ask-password': true } }],
    ['it stood in a URL that was typed', { flags: { url: 'mysql://u:secret@db:33' } }],
  ])('have the password asked for again when %s', async (_, given) => {
    expect(await again(given)).toMatch(/ --ask-password\b/);
    expect(await again(given)).not.toContain('secret');
  });

  test('have the password asked for again when an option file asked for it', async () => {
    myCnf('[client]\npassword\n');

    expect(await again({ flags: { host: 'db', port: '33', user: 'u' } })).toMatch(/ --ask-password\b/);
  });

  test('name files of TLS by their absolute paths', async () => {
    const flags = { host: 'db', 'ssl-ca': 'ca.pem', 'ssl-cert': '/cert.pem', 'ssl-key': 'key.pem' };

    expect(await again({ flags })).toMatch(
      new RegExp(
        `--ssl-mode VERIFY_CA --ssl-ca ${folder}/ca.pem --ssl-cert /cert.pem --ssl-key ${folder}/key.pem$`,
      ),
    );
  });
});
