import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backupDirectory,
  fillDatabase,
  fillWithSmallTables,
  runDbbackup,
  runShell,
  stockDump,
} from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import { ONE_BIG_TABLE } from './bench-data.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import type { Contender } from './contest.ts';
import { ratioRow, rowOf, stockFile } from './create-contest.ts';
import { ourRestore, stockRestore } from './restore-contest.ts';

const BIG_TABLE_BYTES = 100e6;
const SMALL_TABLES = 5000;
const ROWS_EACH = 20;
/** Of the stock pipelines' time. */
const SMALL_LIMITS = { create: 1, restore: 0.8 };

/** `restore` where there is little to be done at once: all rows in one table; and hardly any rows, in many tables. */
export async function shapeContest(ring: Ring, totalBytes: number): Promise<BenchRow[]> {
  const bigTableBytes = Math.min(totalBytes, BIG_TABLE_BYTES);
  return [
    ...(await shape(ring, `one table, ${bigTableBytes / 1e6} MB`, 'benchone', (own) =>
      fillDatabase(own, bigTableBytes, ONE_BIG_TABLE),
    )),
    ...(await shape(
      ring,
      `${SMALL_TABLES} small tables`,
      'benchmany',
      (own) => fillWithSmallTables(own, SMALL_TABLES, ROWS_EACH),
      SMALL_LIMITS,
    )),
  ];
}

async function shape(
  ring: Ring,
  title: string,
  database: string,
  fill: (own: Ring) => Promise<void>,
  limits: { readonly create?: number; readonly restore?: number } = {},
): Promise<BenchRow[]> {
  const own: Ring = { ...ring, database, folder: join(ring.folder, database) };
  console.error(`Making ${title} …`);
  await mkdir(own.folder);
  await fill(own);
  const stockCreate: Contender = {
    name: `${title}: mysqldump | gzip`,
    run: () => runShell(own, `${stockDump(own)} | gzip > ${stockFile(own)}`),
  };
  const ourCreate: Contender = {
    name: `${title}: dbbackup create`,
    prepare: () => rm(backupDirectory(own), { recursive: true, force: true }),
    run: () => runDbbackup(own, 'create', database),
  };
  const stock = stockRestore(own, `${title}: gunzip | mysql`);
  const ours = ourRestore(own, `${title}: dbbackup restore`);
  const results = await contest([stockCreate, ourCreate, stock, ours], ring.rounds);
  await ring.server.sql(`DROP DATABASE ${database};`);
  return [
    ...[...results.values()].map(rowOf),
    ratioRow(
      `${title}: create / mysqldump | gzip`,
      results.get(ourCreate.name),
      results.get(stockCreate.name),
      limits.create,
    ),
    ratioRow(
      `${title}: restore / gunzip | mysql`,
      results.get(ours.name),
      results.get(stock.name),
      limits.restore,
    ),
  ];
}
