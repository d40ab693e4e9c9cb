import { RowStatements } from '../../src/sql/rows/row-statements.ts';
import { StatementBuffers } from '../../src/sql/rows/statement-buffers.ts';
import { BENCH_TABLES, benchRowsSql } from './bench-data.ts';
import type { BenchRow } from './bench-table.ts';

const ROUNDS = 7;
const SQL_BYTES = 60e6;
const CHUNK_BYTES = 128 * 1024;
const LEAST_MB_PER_SECOND = 400;

/** How fast the rows of a chunk are read and checked, on one core; of the tables of the bench, as the tools write them. */
export function readerContest(): BenchRow[] {
  const texts = BENCH_TABLES.map((table) => ({ table, sql: sqlOf(table) }));
  const seconds = Array.from({ length: ROUNDS }, () =>
    texts.map(({ table, sql }) => {
      const from = process.cpuUsage();
      readAll(table, sql);
      const { user, system } = process.cpuUsage(from);
      return (user + system) / 1e6;
    }),
  );
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const total = texts.reduce((sum, { sql }) => sum + sql.length, 0);
  const rate = total / 1e6 / median(seconds.map((each) => each.reduce((sum, one) => sum + one, 0)));
  return [
    ...texts.map(({ table, sql }, index) => ({
      what: `rows of ${table}, read and checked`,
      ratio: `${(sql.length / 1e6 / median(seconds.map((each) => each[index] ?? 0))).toFixed(0)} MB/s`,
    })),
    {
      what: 'rows of all tables, read and checked, by CPU time',
      ratio: `${rate.toFixed(0)} MB/s`,
      target: `≥ ${LEAST_MB_PER_SECOND} MB/s`,
      isMet: rate >= LEAST_MB_PER_SECOND,
    },
  ];
}

function sqlOf(table: (typeof BENCH_TABLES)[number]): Buffer {
  const inserts = [...benchRowsSql(SQL_BYTES)].filter((text) => text.startsWith(`INSERT INTO ${table} `));
  return Buffer.from(inserts.join('').replaceAll('),(', '),\n('), 'latin1');
}

function readAll(table: string, sql: Buffer): void {
  const rows = new RowStatements(Buffer.from(`INSERT INTO ${table} VALUES`), new StatementBuffers(5));
  for (let at = 0; at < sql.length; at += CHUNK_BYTES)
    for (const { release } of rows.push(sql.subarray(at, at + CHUNK_BYTES))) release();
  rows.finish();
}
