import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhenStale } from '../harness/build.ts';
import { TestServer } from '../harness/test-server.ts';
import { findServers } from '../servers/server-programs.ts';
import { startServer } from '../servers/throw-away-server.ts';
import { fillDatabase } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import { benchTable } from './bench-table.ts';
import type { BenchRow } from './bench-table.ts';
import { createContest } from './create-contest.ts';
import { readerContest } from './reader-contest.ts';
import { restoreContest } from './restore-contest.ts';
import { shapeContest } from './shape-contest.ts';
import { startContest } from './start-contest.ts';
import { swapContest } from './swap-contest.ts';
import { tableContest } from './table-contest.ts';
import { undoContest } from './undo-contest.ts';

const USAGE =
  'npm run bench -- [megabytes] [--server mariadb-10.11] [--rounds 3] [--only create,restore,undo,table,shapes,swap,start,reader]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'create,restore,undo,table,shapes,swap,start,reader' },
  },
});
const megabytes = Number(positionals[0] ?? 445); // the size that the targets were found with
const rounds = Number(values.rounds);
const parts = values.only.split(',');
if (!(megabytes > 0) || !(rounds > 0)) throw new Error(`Usage: ${USAGE}`);

await buildWhenStale();
const servers = await findServers();
const programs =
  values.server === undefined ? servers[0]! : servers.find(({ name }) => name === values.server);
if (programs === undefined) {
  throw new Error(
    `There is no ${values.server ?? ''} here, but ${servers.map(({ name }) => name).join(', ')}.`,
  );
}

const server = await startServer(programs); // with the server's own defaults: nothing is tuned for the bench
const folder = join(server.address.folder, 'bench'); // goes with the server, however the bench ends

try {
  await mkdir(folder);
  const ring: Ring = { server: new TestServer(server.address), folder, rounds, database: 'benchdb' };
  const has = (part: string): boolean => parts.includes(part);
  if (has('create') || has('restore') || has('undo') || has('table')) {
    console.error(`Making ${megabytes} MB in ${programs.name} …`);
    await fillDatabase(ring, megabytes * 1e6);
  }
  const rows: BenchRow[] = [
    ...(has('create') || has('restore') ? await createContest(ring) : []),
    ...(has('restore') ? await restoreContest(ring) : []),
    ...(has('undo') ? await undoContest(ring) : []),
    ...(has('table') ? await tableContest(ring) : []),
    ...(has('shapes') ? await shapeContest(ring, megabytes * 1e6) : []),
    ...(has('swap') ? await swapContest(ring) : []),
    ...(has('start') ? await startContest(ring) : []),
    ...(has('reader') ? readerContest() : []),
  ];
  console.log(
    `\n${programs.name} (${programs.version}), ${megabytes} MB of dump, ${cpus().length} cores, Node ${process.version}, median of ${rounds}\n`,
  );
  console.log(benchTable(rows));
} finally {
  await server.stop();
}
