import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fillDatabase, fillWithSmallTables, runDbbackup, runShell, stockDump } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import { ONE_BIG_TABLE } from './bench-data.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import { ratioRow, rowOf, stockFile } from './create-contest.ts';
import { ourRestore, stockRestore } from './restore-contest.ts';

const BIG_TABLE_BYTES = 100e6;
const SMALL_TABLES = 3000;
const ROWS_EACH = 20;

/** `restore` where there is little to be done at once: all rows in one table; and hardly any rows, in many tables. */
export async function shapeContest(ring: Ring, totalBytes: number): Promise<BenchRow[]> {
  const bigTableBytes = Math.min(totalBytes, BIG_TABLE_BYTES);
  return [
    ...(await shape(ring, `one table, ${bigTableBytes / 1e6} MB`, 'benchone', (own) =>
      fillDatabase(own, bigTableBytes, ONE_BIG_TABLE),
    )),
    ...(await shape(ring, `${SMALL_TABLES} small tables`, 'benchmany', (own) =>
      fillWithSmallTables(own, SMALL_TABLES, ROWS_EACH),
    )),
  ];
}

async function shape(
  ring: Ring,
  title: string,
  database: string,
  fill: (own: Ring) => Promise<void>,
): Promise<BenchRow[]> {
  const own: Ring = { ...ring, database, folder: join(ring.folder, database) };
  console.error(`Making ${title} …`);
  await mkdir(own.folder);
  await fill(own);
  await runShell(own, `${stockDump(own)} | gzip > ${stockFile(own)}`);
  await runDbbackup(own, 'create', database);
  const stock = stockRestore(own, `${title}: gunzip | mysql`);
  const ours = ourRestore(own, `${title}: dbbackup restore`);
  const results = await contest([stock, ours], ring.rounds);
  await ring.server.sql(`DROP DATABASE ${database};`);
  return [
    ...[...results.values()].map(rowOf),
    ratioRow(`${title}: restore / gunzip | mysql`, results.get(ours.name), results.get(stock.name)),
  ];
}
