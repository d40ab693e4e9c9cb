import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyFreshData } from './data-directory.ts';
import { freePort } from './free-port.ts';
import { accountOptions, serverAccount } from './server-account.ts';
import type { ServerPrograms } from './server-programs.ts';

/** How to reach a running server, in plain values that vitest can hand to the workers. */
export interface ServerAddress {
  readonly name: string;
  readonly flavour: 'mariadb' | 'mysql';
  readonly version: string;
  /** Folder of the client programs that belong to this server. */
  readonly bin: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly socket: string;
  /** Has every right and no password. */
  readonly user: 'root';
  readonly pid: number;
  /** Its private folder: data, socket, log. */
  readonly folder: string;
}

export interface ThrowAwayServer {
  readonly address: ServerAddress;
  /** As `kill -9` does; its data stay. */
  kill(): Promise<void>;
  /** After `kill`: upon its data, at the same address with another pid. @throws {Error} With the server's log. */
  startAgain(): Promise<void>;
  /** Kills the server and removes its folder. */
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const PORT_ATTEMPTS = 3;

/**
 * Starts a private server on its own folder, socket and loopback port. It dies with this process, even on kill -9.
 *
 * @param options Further server options, e.g. `--innodb-buffer-pool-size=1G`; later ones win over ours.
 * @param parent Where its folder is made.
 * @throws {Error} With the server's own log, when it does not come up.
 */
export async function startServer(
  programs: ServerPrograms,
  options: readonly string[] = [],
  parent: string = tmpdir(),
): Promise<ThrowAwayServer> {
  const folder = await mkdtemp(join(parent, `dbbackup-${programs.name}-`));
  try {
    const account = await serverAccount();
    await chmod(folder, 0o755); // the server runs under another account when we are root
    await mkdir(join(folder, 'tmp'));
    for (const each of [folder, join(folder, 'tmp')]) await chown(each, account.uid, account.gid);
    await copyFreshData(programs, join(folder, 'data'));
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const server = await launch(programs, folder, port, options);
      const failure = await untilReady(server, join(folder, 'socket'), port);
      if (failure === undefined) return running(server, { programs, folder, port, options });
      await kill(server);
      const log = await readFile(join(folder, 'log'), 'utf8');
      if (attempt < PORT_ATTEMPTS && /address already in use/i.test(log)) continue;
      throw new Error(`${programs.name} ${failure}. Its log ends:\n${log.slice(-3000)}`);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function launch(
  programs: ServerPrograms,
  folder: string,
  port: number,
  options: readonly string[],
): Promise<ChildProcess> {
  const log = await open(join(folder, 'log'), 'w');
  const server = spawn(
    programs.server,
    [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      // Of its own: MariaDB, when it starts, removes every `#sql…` file there, those of other servers too.
      `--tmpdir=${join(folder, 'tmp')}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      ...programs.locationOptions,
      ...accountOptions(),
      ...FLAVOUR_OPTIONS[programs.flavour],
      ...options,
    ],
    { cwd: folder, stdio: ['ignore', log.fd, log.fd] },
  );
  server.on('error', () => undefined); // not started: `untilReady` sees that there is no process
  await log.close();
  return server;
}

const FLAVOUR_OPTIONS = {
  mariadb: ['--performance-schema=OFF'],
  mysql: ['--mysqlx=OFF', '--secure-file-priv=NULL'],
} as const;

/** @returns What went wrong, or undefined when the server answers on its socket and its port. */
async function untilReady(server: ChildProcess, socket: string, port: number): Promise<string | undefined> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (server.pid === undefined) return 'could not be started';
    if (server.exitCode !== null || server.signalCode !== null) return 'ended while it was starting';
    if ((await greets({ path: socket })) && (await greets({ host: '127.0.0.1', port }))) return undefined;
    await sleep(50);
  }
  return `did not answer within ${START_DEADLINE_MS / 1000} s`;
}

/** Whether a server speaks first, as MySQL's protocol has it. */
function greets(endpoint: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(endpoint);
    connection
      .once('data', () => {
        connection.destroy();
        resolve(true);
      })
      .once('error', () => {
        resolve(false);
      })
      .once('close', () => {
        resolve(false);
      });
  });
}

interface Place {
  readonly programs: ServerPrograms;
  readonly folder: string;
  readonly port: number;
  readonly options: readonly string[];
}

function running(first: ChildProcess, { programs, folder, port, options }: Place): ThrowAwayServer {
  const { name, flavour, version, bin } = programs;
  const socket = join(folder, 'socket');
  let server = first;
  let watchdog = watch(server.pid!, folder);
  const killServer = async (): Promise<void> => {
    watchdog.kill('SIGKILL'); // first: the pid may soon belong to another process
    await kill(server);
  };
  return {
    address: {
      name,
      flavour,
      version,
      bin,
      host: '127.0.0.1',
      port,
      socket,
      user: 'root',
      pid: first.pid!,
      folder,
    },
    kill: killServer,
    startAgain: async () => {
      server = await launch(programs, folder, port, options);
      watchdog = watch(server.pid!, folder);
      const failure = await untilReady(server, socket, port);
      if (failure === undefined) return;
      throw new Error(
        `${name} ${failure}. Its log ends:\n${(await readFile(join(folder, 'log'), 'utf8')).slice(-3000)}`,
      );
    },
    stop: async () => {
      await killServer();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Ends the server and removes its folder when this process is gone, however it went: its end of the pipe closes then.
 * (The kernel's own signal for that, PR_SET_PDEATHSIG, is lost when the server changes its user.)
 */
function watch(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -KILL "$1" && sleep 1; rm -rf "$2"';
  const watchdog = spawn('sh', ['-c', script, 'watchdog', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a Ctrl-C in the terminal is not for it
  });
  watchdog.unref();
  return watchdog;
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL'); // nothing in it is worth an orderly shutdown
  await ended;
}
