import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { TestServer } from '../harness/test-server.ts';
import { BENCH_INDEXES_SQL, BENCH_TABLES_SQL, benchRowsSql, smallTablesSql } from './bench-data.ts';
import type { Shares } from './bench-data.ts';
import { measure } from './measure.ts';
import type { Cost } from './measure.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/dbbackup.js', import.meta.url));

/** What the contenders of one bench run share. */
export interface Ring {
  readonly server: TestServer;
  /** A temporary folder, removed at the end. */
  readonly folder: string;
  readonly rounds: number;
  /** The database with the data. */
  readonly database: string;
}

/** Makes the ring's database and fills the bench's tables with about this many bytes of dump. */
export async function fillDatabase(ring: Ring, totalBytes: number, shares?: Shares): Promise<void> {
  const { server, database } = ring;
  await makeDatabase(ring, database);
  await server.sql(BENCH_TABLES_SQL, database);
  await load(ring, benchRowsSql(totalBytes, shares));
  await server.sql(BENCH_INDEXES_SQL, database);
}

/** Makes the ring's database with many small tables in it. */
export async function fillWithSmallTables(ring: Ring, count: number, rowsEach: number): Promise<void> {
  await makeDatabase(ring, ring.database);
  await load(ring, smallTablesSql(count, rowsEach));
}

/** Makes a database, empty; one of that name is dropped. */
export async function makeDatabase({ server }: Ring, name: string): Promise<void> {
  await server.sql(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name} CHARACTER SET utf8mb4;`);
}

async function load({ server, database }: Ring, statements: Iterable<string>): Promise<void> {
  const client = spawn(server.client, [...server.clientOptions, '--max-allowed-packet=1G', database], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => client.once('close', resolve));
  await pipeline(Readable.from(withFewCommits(statements)), client.stdin);
  if ((await ended) !== 0) throw new Error('The data could not be made: see above.');
}

function* withFewCommits(statements: Iterable<string>): Generator<string> {
  yield 'SET foreign_key_checks = 0; SET unique_checks = 0; SET autocommit = 0;\n';
  let n = 0;
  for (const statement of statements) {
    yield statement;
    n += 1;
    if (n % 50 === 0) yield 'COMMIT;\n';
  }
  yield 'COMMIT;\n';
}

/** Everybody goes through the socket: the shortest way, without TLS. */
export function stockOptions({ server }: Ring): string {
  return `--no-defaults --socket=${server.socket} --user=root --max-allowed-packet=1G`;
}

/** The dump command that dbbackup is measured against: what a careful admin would type. */
export function stockDump(ring: Ring): string {
  const gtid = ring.server.flavour === 'mysql' ? ' --set-gtid-purged=OFF' : '';
  return `${ring.server.dumpTool} ${stockOptions(ring)} --single-transaction --quick --routines --triggers --events --hex-blob --no-tablespaces${gtid} ${ring.database}`;
}

export function stockLoad(ring: Ring, database: string): string {
  return `${ring.server.client} ${stockOptions(ring)} ${database}`;
}

/** Runs dbbackup on the ring's server and backup directory. */
export function runDbbackup(ring: Ring, ...args: string[]): Promise<Cost> {
  const address = ['--socket', ring.server.socket, '--user', 'root', '--dir', backupDirectory(ring)];
  return measure([process.execPath, PROGRAM, ...args, ...address, '--quiet'], {
    server: ring.server,
    env: dbbackupEnvironment(ring),
  });
}

/** Runs a line of shell, through whose pipes the data go. */
export function runShell({ server }: Ring, script: string): Promise<Cost> {
  return measure(['bash', '-o', 'pipefail', '-c', script], { server });
}

export function backupDirectory({ folder }: Ring): string {
  return join(folder, 'backups');
}

/** dbbackup finds the server's own client programs first, and no option file of the user's. */
export function dbbackupEnvironment({ server, folder }: Ring): NodeJS.ProcessEnv {
  return { PATH: `${server.bin}:${process.env['PATH'] ?? ''}`, HOME: folder };
}

export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not here: look in the next
    }
  });
}
