import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { backupDirectory, isInstalled, runDbbackup, runShell, stockDump } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import type { Contender, Result } from './contest.ts';

const MEMORY_LIMIT_BYTES = 150e6;

/** `create` in gzip and in zstd against the pipelines that people type, and against the dump alone. */
export async function createContest(ring: Ring): Promise<BenchRow[]> {
  const results = await contest(contenders(ring), ring.rounds);
  const stock = results.get('mysqldump | gzip');
  const gzip = results.get('dbbackup create');
  const zstd = results.get('dbbackup create zstd:1');
  return [
    ...[...results.values()].map((result) => rowOf(result)),
    ratioRow('create / mysqldump | gzip', gzip, stock, 0.55),
    ratioRow('create / mysqldump | pigz', gzip, results.get('mysqldump | pigz'), 1),
    ratioRow('create / mydumper', gzip, results.get('mydumper --compress'), 1),
    sizeRow('create: size / gzip -6', gzip, stock),
    ratioRow('create zstd:1 / mysqldump | zstd -1', zstd, results.get('mysqldump | zstd -1'), 1.2),
    memoryRow('create: largest RSS', [gzip, zstd]),
  ];
}

/** The file that the stock contender has left, for the restore contest. */
export function stockFile({ folder }: Ring): string {
  return join(folder, 'stock.sql.gz');
}

/** The folder that mydumper has left. */
export function mydumperFolder({ folder }: Ring): string {
  return join(folder, 'mydumper');
}

function contenders(ring: Ring): Contender[] {
  const dump = stockDump(ring);
  const pipe = (name: string, compressor: string, file: string): Contender => ({
    name,
    run: () => runShell(ring, `${dump} | ${compressor} > ${file}`),
    sizeBytes: () => sizeOf(file),
  });
  const ours = (name: string, ...options: string[]): Contender => ({
    name,
    prepare: () => rm(backupDirectory(ring), { recursive: true, force: true }),
    run: () => runDbbackup(ring, 'create', ring.database, ...options),
    sizeBytes: () => largestFileBytes(backupDirectory(ring)),
  });
  const all: Contender[] = [
    { name: 'dump > /dev/null', run: () => runShell(ring, `${dump} > /dev/null`) },
    pipe('mysqldump | gzip', 'gzip', stockFile(ring)),
    ...(isInstalled('pigz') ? [pipe('mysqldump | pigz', 'pigz', join(ring.folder, 'pigz.sql.gz'))] : []),
    ...(isInstalled('mydumper') ? [mydumper(ring)] : []),
    ...(isInstalled('zstd')
      ? [pipe('mysqldump | zstd -1', 'zstd -q -1', join(ring.folder, 'stock.sql.zst'))]
      : []),
    ours('dbbackup create zstd:1', '--compress', 'zstd:1'),
    ours('dbbackup create'), // last, so that its backup is there for the restore
  ];
  return all;
}

function mydumper(ring: Ring): Contender {
  const folder = mydumperFolder(ring);
  const options = `--socket ${ring.server.socket} --user root --database ${ring.database} --outputdir ${folder}`;
  return {
    name: 'mydumper --compress',
    prepare: () => rm(folder, { recursive: true, force: true }),
    run: () => runShell(ring, `mydumper ${options} --threads 2 --compress --triggers --routines --events`),
    sizeBytes: async () => {
      const names = await readdir(folder);
      const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

export function rowOf({ name, cost, sizeBytes }: Result): BenchRow {
  if (cost === undefined) return { what: name, ratio: 'failed' };
  return { what: name, ...cost, sizeBytes };
}

/** How our wall time compares with theirs; without a limit there is no verdict. */
export function ratioRow(
  what: string,
  ours: Result | undefined,
  other: Result | undefined,
  limit?: number,
): BenchRow {
  const target = limit === undefined ? undefined : `≤ ${limit}`;
  if (ours?.cost === undefined || other?.cost === undefined) return { what, target, ratio: '–' };
  const ratio = ours.cost.seconds / other.cost.seconds;
  return { what, ratio: ratio.toFixed(2), target, isMet: limit === undefined ? undefined : ratio <= limit };
}

export function memoryRow(what: string, results: readonly (Result | undefined)[]): BenchRow {
  const peaks = results.flatMap((result) => result?.cost?.peakBytes ?? []);
  if (peaks.length === 0) return { what, target: '≤ 150 MB', ratio: '–' };
  const peakBytes = Math.max(...peaks);
  return { what, peakBytes, target: '≤ 150 MB', isMet: peakBytes <= MEMORY_LIMIT_BYTES };
}

/** How large what we have made is beside theirs. */
export function sizeRow(
  what: string,
  ours: Result | undefined,
  other: Result | undefined,
  limit = 1,
): BenchRow {
  const target = `≤ ${limit}`;
  if (ours?.sizeBytes === undefined || other?.sizeBytes === undefined) return { what, target, ratio: '–' };
  const ratio = ours.sizeBytes / other.sizeBytes;
  return { what, ratio: ratio.toFixed(3), target, isMet: ratio <= limit };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

async function largestFileBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Math.max(0, ...(await Promise.all(files.map(sizeOf))));
}
