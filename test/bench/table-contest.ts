import { makeDatabase, runDbbackup } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import { ratioRow, rowOf } from './create-contest.ts';
import { ourRestore } from './restore-contest.ts';

const COPY = 'benchone';
const SMALL_TABLE_SQL = `
CREATE TABLE settings (name VARCHAR(40) NOT NULL PRIMARY KEY, value VARCHAR(80) NOT NULL);
INSERT INTO settings VALUES ('currency', 'EUR'), ('language', 'de'), ('theme', 'dark');
`;

/** One small table out of a large backup, which is read through the manifest's offsets, against all of it. */
export async function tableContest(ring: Ring): Promise<BenchRow[]> {
  await ring.server.sql(SMALL_TABLE_SQL, ring.database);
  await runDbbackup(ring, 'create', ring.database, '--label', 'with-small-table');
  const all = ourRestore(ring, 'dbbackup restore, all tables');
  const one = 'dbbackup restore --table, a small one';
  const results = await contest(
    [
      all,
      {
        name: one,
        prepare: () => makeDatabase(ring, COPY),
        run: () =>
          runDbbackup(ring, 'restore', `${ring.database}/latest`, '--table', 'settings', '--to', COPY),
      },
    ],
    ring.rounds,
  );
  return [
    ...[...results.values()].map((result) => rowOf(result)),
    ratioRow('restore --table / restore', results.get(one), results.get(all.name), 0.1),
  ];
}
