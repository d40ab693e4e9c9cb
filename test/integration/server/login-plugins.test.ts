import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import type { TestContext } from 'vitest';
import { succeeds } from '../../harness/backup.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { withoutTls } from '../../harness/stripped-tls.ts';
import type { TestServer } from '../../harness/test-server.ts';

/** The ways to a server, among which plugins tell safe ones from others. */
const WAYS = {
  socket: ({ socket }: TestServer) => ['--socket', socket],
  TLS: ({ port }: TestServer) => ['--host=127.0.0.1', `--port=${port}`, '--ssl-mode=REQUIRED'],
  'plain TCP': ({ port }: TestServer) => ['--host=127.0.0.1', `--port=${port}`, '--ssl-mode=DISABLED'],
} as const;
type Way = keyof typeof WAYS;

interface Plugin {
  readonly flavour: 'mariadb' | 'mysql';
  readonly name: string;
  /** A file that the server needs for it, where it is not built in. */
  readonly library?: string;
  /** What follows CREATE USER and the name. */
  readonly identified: string;
  readonly ways: readonly Way[];
  readonly password?: string;
  /** Of the account, where not any will do. */
  readonly user?: string;
  /** The server keeps whom it let in, who then logs in another way until it forgets them. */
  readonly remembers?: boolean;
}

const ALL = ['socket', 'TLS', 'plain TCP'] as const satisfies readonly Way[];
const OS_USER = userInfo().username;

const PLUGINS: readonly Plugin[] = [
  ...['caching_sha2_password', 'sha256_password'].flatMap((name): Plugin[] => {
    const remembers = name === 'caching_sha2_password';
    return [
      {
        flavour: 'mysql',
        name,
        identified: `WITH ${name} BY 'right'`,
        ways: ALL,
        password: 'right',
        remembers,
      },
      {
        ...{ flavour: 'mysql', name: `${name} without a password`, identified: `WITH ${name} BY ''` },
        ...{ ways: ALL, remembers },
      },
    ];
  }),
  {
    flavour: 'mysql',
    name: 'auth_socket',
    library: 'auth_socket.so',
    identified: 'WITH auth_socket',
    ways: ['socket'],
    user: OS_USER,
  },
  {
    flavour: 'mariadb',
    name: 'mysql_native_password',
    identified: "VIA mysql_native_password USING PASSWORD('right')",
    ways: ALL,
    password: 'right',
  },
  {
    flavour: 'mariadb',
    name: 'ed25519',
    library: 'auth_ed25519.so',
    identified: "VIA ed25519 USING PASSWORD('right')",
    ways: ALL,
    password: 'right',
  },
  { flavour: 'mariadb', name: 'unix_socket', identified: 'VIA unix_socket', ways: ['socket'], user: OS_USER },
];

/** Those that mysql2 does not have, and that need more than an answer of ours. */
const UNKNOWN_PLUGINS: readonly Plugin[] = [
  {
    flavour: 'mariadb',
    name: 'parsec',
    library: 'auth_parsec.so',
    identified: "VIA parsec USING PASSWORD('right')",
    ways: ['socket'],
  },
];

const LIBRARIES = [...PLUGINS, ...UNKNOWN_PLUGINS].flatMap(({ library }) => library ?? []);

describeEachServer('an account whose very first login is that of dbbackup', (like) => {
  let own: OwnServer;
  let certificates: Certificates;
  let libraries: readonly string[];

  beforeAll(async () => {
    certificates = await makeCertificates('IP:127.0.0.1');
    const folder = await like.query('SELECT @@plugin_dir');
    libraries = LIBRARIES.filter((name) => existsSync(join(folder, name)));
    own = await ownServer(like, [
      `--ssl-cert=${certificates.serverCert}`,
      `--ssl-key=${certificates.serverKey}`,
      ...libraries.map((name) => `--plugin-load-add=${name}`),
    ]);
    await own.server.sql('CREATE DATABASE shop; CREATE TABLE shop.t (id INT);');
  });

  afterAll(async () => {
    await own[Symbol.asyncDispose]();
    await certificates[Symbol.asyncDispose]();
  });

  const isHere = ({ flavour }: Plugin): boolean => flavour === like.flavour;

  /** Makes an account for each way, since the first login through one makes the next ones easy. */
  async function accountFor(plugin: Plugin, way: Way, { skip }: TestContext): Promise<string> {
    skip(
      plugin.library !== undefined && !libraries.includes(plugin.library),
      `${plugin.library} is not installed`,
    );
    const user = plugin.user ?? `${plugin.name.replace(' without a password', '_empty')}_${ALL.indexOf(way)}`;
    const sqlName = `'${user}'@'localhost'`;
    await own.server.sql(`
      CREATE USER IF NOT EXISTS ${sqlName};
      ALTER USER ${sqlName} IDENTIFIED ${plugin.identified};
      GRANT ALL ON *.* TO ${sqlName};
    `);
    return user;
  }

  const run = (way: Way, user: string, password?: string) =>
    [
      ['create', 'shop', ...WAYS[way](own.server), '--user', user],
      { env: { PATH: own.server.environment['PATH'], DBBACKUP_PASSWORD: password } },
    ] as const;

  const accountsFor = async (plugin: Plugin, context: TestContext) => {
    const accounts: (readonly [Way, string])[] = [];
    for (const way of plugin.ways) accounts.push([way, await accountFor(plugin, way, context)]);
    return async () => {
      for (const [way, user] of accounts) await succeeds(...run(way, user, plugin.password));
    };
  };

  for (const plugin of PLUGINS.filter((each) => isHere(each) && each.remembers !== true)) {
    test(`is taken in by ${plugin.name}, when it is new`, async (context) => {
      const allLogIn = await accountsFor(plugin, context);
      await allLogIn();
    });
  }

  const remembering = PLUGINS.filter((plugin) => isHere(plugin) && plugin.remembers);
  test.runIf(remembering.length > 0)(
    'is taken in by a plugin that remembers logins: when it is new, after FLUSH PRIVILEGES, and after a restart',
    async (context) => {
      const logins: (() => Promise<void>)[] = [];
      for (const plugin of remembering) logins.push(await accountsFor(plugin, context));
      for (const allLogIn of logins) await allLogIn();
      await own.server.sql('FLUSH PRIVILEGES;');
      for (const allLogIn of logins) await allLogIn();
      await own.kill();
      await own.startAgain();
      for (const allLogIn of logins) await allLogIn();
    },
    180_000,
  );

  for (const plugin of PLUGINS.filter((each) => isHere(each) && each.flavour === 'mysql' && each.password)) {
    test(`gives its password to no key that the server shows: ${plugin.name}`, async (context) => {
      // One that never logged in: whom the server remembers need not show the password again.
      const user = await accountFor({ ...plugin, user: `${plugin.name}_new` }, 'plain TCP', context);
      await using rogue = await withoutTls(own.server.port);
      const where = ['--host=127.0.0.1', `--port=${rogue.port}`, '--user', user];
      const env = { PATH: own.server.environment['PATH'], DBBACKUP_PASSWORD: plugin.password };

      await expectFailure(
        ['create', 'shop', ...where],
        { env },
        {
          code: 'access-denied',
          message: `asks for the password of '${user}' over a connection without TLS, and nothing proves that it is your server. The password was not sent.`,
          hint: '--ssl-mode=DISABLED',
        },
      );
      await succeeds(['create', 'shop', ...where, '--ssl-mode=DISABLED'], { env });
    });
  }

  for (const plugin of UNKNOWN_PLUGINS.filter(isHere)) {
    test(`is refused by name when it is one of ${plugin.name}`, async (context) => {
      const user = await accountFor(plugin, 'socket', context);

      await expectFailure(...run('socket', user, 'right'), {
        code: 'access-denied',
        message: `The account '${user}' logs in to ${own.server.socket} with the plugin ${plugin.name}, which dbbackup does not support.`,
        hint: 'Use an account that logs in with a password or socket: caching_sha2_password',
      });
    });
  }
});
