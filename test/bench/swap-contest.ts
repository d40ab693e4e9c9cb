import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BENCH_TABLES } from './bench-data.ts';
import { fillDatabase, fillWithSmallTables, makeDatabase, runDbbackup } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { probeWhile } from './table-probes.ts';
import type { Seen } from './table-probes.ts';

const ROUNDS = 5;
/** Small enough that counting a table's rows takes no time of its own. */
const FOUR_TABLES_BYTES = 4e6;
const MANY_TABLES = 500;
const ROWS_EACH = 10;
/** So many rows less than the backup holds has every table when a restore begins. */
const ROWS_LOST = 3;
const [NEW, OLD] = ['swapnew', 'swapold'];

/**
 * How long users of a database have to wait while it is restored, and whether they ever see a table that is missing
 * or half filled; beside it the least that such a restore can take: one bare RENAME TABLE.
 */
export async function swapContest(ring: Ring): Promise<BenchRow[]> {
  const many = Array.from({ length: MANY_TABLES }, (_, n) => `t${n}`);
  return [
    ...(await swap(ring, 'swapfour', BENCH_TABLES, 100, (own) => fillDatabase(own, FOUR_TABLES_BYTES))),
    ...(await swap(ring, 'swapmany', many, 6 * MANY_TABLES, (own) =>
      fillWithSmallTables(own, MANY_TABLES, ROWS_EACH),
    )),
  ];
}

async function swap(
  ring: Ring,
  database: string,
  tables: readonly string[],
  limitMs: number,
  fill: (own: Ring) => Promise<void>,
): Promise<BenchRow[]> {
  const own: Ring = { ...ring, database, folder: join(ring.folder, database) };
  await mkdir(own.folder);
  await fill(own);
  await runDbbackup(own, 'create', database);
  const rowsKnown = await countRows(own, tables);
  const restores: Seen[] = [];
  const renames: Seen[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    renames.push(await bareRename(own, tables, rowsKnown));
    await forEachTable(own, tables, (table) => `DELETE FROM ${table} ORDER BY id LIMIT ${ROWS_LOST};`);
    const restored = await probeWhile(own.server, database, rowsKnown, () =>
      runDbbackup(own, 'restore', `${database}/latest`, '--confirm', database),
    );
    restores.push(restored);
    const waits = `${restored.longestMs.toFixed(0)} ms, bare RENAME ${renames.at(-1)?.longestMs.toFixed(0) ?? ''} ms`;
    console.error(`  round ${round}: swap of ${tables.length} tables, longest wait ${waits}`);
  }
  await own.server.sql(`DROP DATABASE ${database};`);
  return rowsOf(`${tables.length} tables`, restores, renames, limitMs);
}

/** Puts a filled copy of every table into its place, and nothing else. */
async function bareRename(
  own: Ring,
  tables: readonly string[],
  rowsKnown: ReadonlyMap<string, readonly number[]>,
): Promise<Seen> {
  const { database, server } = own;
  await makeDatabase(own, NEW);
  await makeDatabase(own, OLD);
  await forEachTable(own, tables, (table) => {
    const copy = `${NEW}.${table}`;
    return `CREATE TABLE ${copy} LIKE ${table}; INSERT INTO ${copy} SELECT * FROM ${table};`;
  });
  const moves = tables.map(
    (table) => `${database}.${table} TO ${OLD}.${table}, ${NEW}.${table} TO ${database}.${table}`,
  );
  const seen = await probeWhile(server, database, rowsKnown, () =>
    server.sql(`RENAME TABLE ${moves.join(', ')};`),
  );
  await server.sql(`DROP DATABASE ${NEW}; DROP DATABASE ${OLD};`);
  return seen;
}

/** Of each table: the rows that the backup holds, and those that there are before the restore. */
async function countRows(own: Ring, tables: readonly string[]): Promise<Map<string, readonly number[]>> {
  const counts = new Map<string, readonly number[]>();
  for (const table of tables) {
    const rows = await own.server.countRows(own.database, table);
    counts.set(table, [rows, rows - ROWS_LOST]);
  }
  return counts;
}

async function forEachTable(
  own: Ring,
  tables: readonly string[],
  sqlOf: (table: string) => string,
): Promise<void> {
  await own.server.sql(tables.map(sqlOf).join('\n'), own.database);
}

function rowsOf(
  title: string,
  restores: readonly Seen[],
  renames: readonly Seen[],
  limitMs: number,
): BenchRow[] {
  const sum = (count: (seen: Seen) => number): number =>
    restores.reduce((total, seen) => total + count(seen), 0);
  const looks = sum((seen) => seen.looks).toLocaleString('en');
  const never = (what: string, times: number): BenchRow => ({
    what: `${title}: restore, ${what}`,
    ratio: `${times.toLocaleString('en')} of ${looks}`,
    target: '0',
    isMet: times === 0,
  });
  const waitMs = medianWait(restores);
  return [
    { what: `${title}: bare RENAME TABLE, longest wait`, ratio: `${medianWait(renames).toFixed(0)} ms` },
    {
      what: `${title}: restore, longest wait`,
      ratio: `${waitMs.toFixed(0)} ms`,
      target: `≤ ${limitMs} ms`,
      isMet: waitMs <= limitMs,
    },
    never(
      'table missing',
      sum((seen) => seen.missing),
    ),
    never(
      'table half filled',
      sum((seen) => seen.halfFilled),
    ),
    ...[...new Set(restores.flatMap(({ errors }) => [...errors]))]
      .slice(0, 3)
      .map((message) => ({ what: `${title}: ${message}`.slice(0, 80), isMet: false })),
  ];
}

function medianWait(seen: readonly Seen[]): number {
  return seen.map(({ longestMs }) => longestMs).sort((a, b) => a - b)[Math.floor(seen.length / 2)] ?? 0;
}
