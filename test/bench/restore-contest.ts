import { isInstalled, runDbbackup, runShell, stockLoad } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import type { Contender } from './contest.ts';
import { memoryRow, mydumperFolder, ratioRow, rowOf, stockFile } from './create-contest.ts';

/** Of the stock pipeline's time; MySQL itself needs more of the work. */
const LIMITS = { mariadb: 0.37, mysql: 0.43 } as const;
const COPY = 'benchcopy';

/** `restore` into an empty database against `gunzip | mysql`; and over the live one, safety backup included. */
export async function restoreContest(ring: Ring): Promise<BenchRow[]> {
  const emptyCopy = async () => {
    await ring.server.sql(`DROP DATABASE IF EXISTS ${COPY}; CREATE DATABASE ${COPY} CHARACTER SET utf8mb4;`);
  };
  const ours = (name: string, ...options: string[]): Contender => ({
    name,
    prepare: emptyCopy,
    run: () => runDbbackup(ring, 'restore', `${ring.database}/latest`, ...options),
  });
  const contenders: Contender[] = [
    {
      name: 'gunzip | mysql',
      prepare: emptyCopy,
      run: () => runShell(ring, `gunzip < ${stockFile(ring)} | ${stockLoad(ring, COPY)}`),
    },
    ...(isInstalled('myloader') ? [myloader(ring, emptyCopy)] : []),
    ours('dbbackup restore --to (empty)', '--to', COPY),
    ours('dbbackup restore (safety backup and all)', '--confirm', ring.database),
  ];
  const results = await contest(contenders, ring.rounds);
  const restored = results.get('dbbackup restore --to (empty)');
  return [
    ...[...results.values()].map((result) => rowOf(result)),
    ratioRow(
      'restore / gunzip | mysql',
      restored,
      results.get('gunzip | mysql'),
      LIMITS[ring.server.flavour],
    ),
    ratioRow('restore / myloader', restored, results.get('myloader'), 1),
    memoryRow('restore: largest RSS', [restored, results.get('dbbackup restore (safety backup and all)')]),
  ];
}

function myloader(ring: Ring, prepare: () => Promise<void>): Contender {
  const options = `--socket ${ring.server.socket} --user root --database ${COPY} --directory ${mydumperFolder(ring)}`;
  return {
    name: 'myloader',
    prepare,
    run: () => runShell(ring, `myloader ${options} --threads 2 --overwrite-tables`),
  };
}
