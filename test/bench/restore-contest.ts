import { isInstalled, makeDatabase, runDbbackup, runShell, stockLoad } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import type { Contender } from './contest.ts';
import { memoryRow, mydumperFolder, ratioRow, rowOf, stockFile } from './create-contest.ts';

/** Of the stock pipeline's time; MySQL itself needs more of the work. */
const LIMITS = { mariadb: 0.37, mysql: 0.43 } as const;
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
  const results = await contest([stock, ...peers, ours, over], ring.rounds);
  const [stockResult, ourResult] = [results.get(stock.name), results.get(ours.name)];
  return [
    ...[...results.values()].map(rowOf),
    ratioRow('restore / gunzip | mysql', ourResult, stockResult, LIMITS[ring.server.flavour]),
    ratioRow('restore / myloader', ourResult, results.get('myloader'), 1),
    ratioRow('restore over a full database / gunzip | mysql', results.get(over.name), stockResult),
    memoryRow('restore: largest RSS', [ourResult, results.get(over.name)]),
  ];
}

/** The stock pipeline, into an empty database. */
export function stockRestore(ring: Ring, name = 'gunzip | mysql'): Contender {
  return {
    name,
    prepare: () => makeDatabase(ring, COPY),
    run: () => runShell(ring, `gunzip < ${stockFile(ring)} | ${stockLoad(ring, COPY)}`),
  };
}

/** dbbackup, into an empty database. */
export function ourRestore(ring: Ring, name = 'dbbackup restore'): Contender {
  return {
    name,
    prepare: () => makeDatabase(ring, COPY),
    run: () => runDbbackup(ring, 'restore', `${ring.database}/latest`, '--to', COPY),
  };
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
