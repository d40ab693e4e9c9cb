import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** One installed database server together with its own client programs. */
export interface ServerPrograms {
  /** Flavour and release: `mariadb-10.11`, `mariadb-11.8`, `mysql-9.7`. */
  readonly name: string;
  readonly flavour: 'mariadb' | 'mysql';
  /** The full version: `10.11.19`. */
  readonly version: string;
  /** Absolute path of mariadbd or mysqld. */
  readonly server: string;
  /** The folder of the client programs that belong to it. */
  readonly bin: string;
  /** What the server needs to be told because it was not installed where it was built for. */
  readonly locationOptions: readonly string[];
  /** Where its messages, character sets and, for MariaDB, its system tables' SQL are. */
  readonly share: string;
}

/**
 * Every server that the tests run against: the one on the PATH, and one in each prefix folder of
 * `DBBACKUP_TEST_SERVERS` (colon-separated; `PREFIX/bin` and `PREFIX/root/usr/share`).
 *
 * @throws {Error} When a prefix holds no server (what was asked for is never skipped), or there is none at all.
 */
export async function findServers(env: NodeJS.ProcessEnv = process.env): Promise<ServerPrograms[]> {
  const prefixes = (env['DBBACKUP_TEST_SERVERS'] ?? '').split(':').filter((prefix) => prefix !== '');
  const found = await Promise.all([systemServer(env), ...prefixes.map(unpackedServer)]);
  const servers = found.filter((server) => server !== undefined);
  if (servers.length === 0) {
    throw new Error(
      'No database server to test against. Install one (apt-get install -y mariadb-server), ' +
        'or name unpacked ones in DBBACKUP_TEST_SERVERS.',
    );
  }
  return servers;
}

async function systemServer(env: NodeJS.ProcessEnv): Promise<ServerPrograms | undefined> {
  // Debian keeps servers in sbin, which is on the PATH of root only.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  const server = await firstExecutable(folders, ['mariadbd', 'mysqld']);
  if (server === undefined) return undefined;
  const client = await firstExecutable([dirname(server), ...folders], ['mariadb', 'mysql']);
  if (client === undefined)
    throw new Error(`${server} is installed, but its client programs are not on the PATH.`);
  const share = (await isThere('/usr/share/mysql')) ? '/usr/share/mysql' : '/usr/share/mariadb';
  return describe({ server, bin: dirname(client), share, locationOptions: [] });
}

async function unpackedServer(prefix: string): Promise<ServerPrograms> {
  const bin = join(prefix, 'bin');
  const server = await firstExecutable([bin], ['mariadbd', 'mysqld']);
  if (server === undefined) {
    throw new Error(
      `DBBACKUP_TEST_SERVERS names ${prefix}, but there is no bin/mariadbd or bin/mysqld in it.`,
    );
  }
  const usr = join(prefix, 'root/usr');
  const share = (await isThere(join(usr, 'share/mysql')))
    ? join(usr, 'share/mysql')
    : join(usr, 'share/mariadb');
  const plugins = server.endsWith('mariadbd') ? [`--plugin-dir=${join(usr, 'lib/mysql/plugin')}`] : [];
  return describe({ server, bin, share, locationOptions: plugins });
}

async function describe(
  place: Pick<ServerPrograms, 'server' | 'bin' | 'share' | 'locationOptions'>,
): Promise<ServerPrograms> {
  const { stdout } = await promisify(execFile)(place.server, ['--no-defaults', '--version']);
  const version = /Ver (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${place.server} does not say its version: ${stdout}`);
  const flavour = stdout.includes('-MariaDB') ? 'mariadb' : 'mysql';
  const release = version.split('.').slice(0, 2).join('.');
  return {
    ...place,
    name: `${flavour}-${release}`,
    flavour,
    version,
    locationOptions: [
      `--lc-messages-dir=${place.share}`,
      `--character-sets-dir=${join(place.share, 'charsets')}`,
      ...place.locationOptions,
    ],
  };
}

async function firstExecutable(
  folders: readonly string[],
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of folders) {
      if (folder !== '' && (await isThere(join(folder, name), constants.X_OK))) return join(folder, name);
    }
  }
  return undefined;
}

async function isThere(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
