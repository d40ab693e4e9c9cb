import { isInstalled, makeDatabase, runDbbackup, runShell, stockDump, stockLoad } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import type { Contender } from './contest.ts';
import { memoryRow, mydumperFolder, ratioRow, rowOf, sizeRow, stockFile } from './create-contest.ts';

/** Of the stock pipeline's time; MySQL itself needs more of the work. */
const LIMITS = { mariadb: 0.37, mysql: 0.43 } as const;
/** Of the time that a careful admin's backup and restore take. */
const LIMIT_OVER = 0.37;
/** Of the size of the tables after the stock pipeline. */
const LIMIT_SIZE = 1.02;
const COPY = 'benchcopy';

/**
 * `restore` into an empty database against `gunzip | mysql` and myloader; and over the live one, safety backup
 * included. Needs what the create contest has left.
 */
export async function restoreContest(ring: Ring): Promise<BenchRow[]> {
  const stock = stockRestore(ring);
  const ours = ourRestore(ring);
  const over: Contender = {
    name: 'dbbackup restore over a full database',
    run: () => runDbbackup(ring, 'restore', `${ring.database}/latest`, '--confirm', ring.database),
  };
  const peers = isInstalled('myloader') ? [myloader(ring)] : [];
  const stockOver: Contender = {
    name: 'mysqldump | gzip, gunzip | mysql over it',
    run: () =>
      runShell(
        ring,
        `${stockDump(ring)} | gzip > ${stockFile(ring)}.safety && gunzip < ${stockFile(ring)} | ${stockLoad(ring, ring.database)}`,
      ),
  };
  const results = await contest([stock, ...peers, ours, stockOver, over], ring.rounds);
  const [stockResult, ourResult] = [results.get(stock.name), results.get(ours.name)];
  return [
    ...[...results.values()].map(rowOf),
    ratioRow('restore / gunzip | mysql', ourResult, stockResult, LIMITS[ring.server.flavour]),
    ratioRow('restore / myloader', ourResult, results.get('myloader'), 1),
    sizeRow('restore: tables afterwards / after gunzip | mysql', ourResult, stockResult, LIMIT_SIZE),
    ratioRow(
      'restore over a full database / stock backup and restore',
      results.get(over.name),
      results.get(stockOver.name),
      LIMIT_OVER,
    ),
    memoryRow('restore: largest RSS', [ourResult, results.get(over.name)]),
  ];
}

/** The stock pipeline, into an empty database. */
export function stockRestore(ring: Ring, name = 'gunzip | mysql'): Contender {
  return {
    name,
    prepare: () => makeDatabase(ring, COPY),
    run: () => runShell(ring, `gunzip < ${stockFile(ring)} | ${stockLoad(ring, COPY)}`),
    sizeBytes: () => tablesBytes(ring),
  };
}

/** dbbackup, into an empty database. */
export function ourRestore(ring: Ring, name = 'dbbackup restore'): Contender {
  return {
    name,
    prepare: () => makeDatabase(ring, COPY),
    run: () => runDbbackup(ring, 'restore', `${ring.database}/latest`, '--to', COPY),
    sizeBytes: () => tablesBytes(ring),
  };
}

/** How large the files of the restored tables are, data and indexes. */
async function tablesBytes({ server }: Ring): Promise<number> {
  const spaces = server.flavour === 'mariadb' ? 'innodb_sys_tablespaces' : 'innodb_tablespaces';
  return Number(
    await server.query(`SELECT SUM(file_size) FROM information_schema.${spaces} WHERE name LIKE '${COPY}/%'`),
  );
}

/** Of what mydumper has left. Debian's release 0.10 makes the indexes before the rows and knows nothing else. */
function myloader(ring: Ring): Contender {
  const options = `--socket ${ring.server.socket} --user root --database ${COPY} --directory ${mydumperFolder(ring)}`;
  return {
    name: 'myloader',
    prepare: () => makeDatabase(ring, COPY),
    run: () => runShell(ring, `myloader ${options} --threads 2`),
  };
}
