import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runDbbackup } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import { rowOf } from './create-contest.ts';

const LIMIT_SECONDS = 2;

/** How long it takes to bring back what a restore has replaced, where its old tables were kept; whatever their size. */
export async function undoContest(ring: Ring): Promise<BenchRow[]> {
  const own: Ring = { ...ring, folder: join(ring.folder, 'undo') };
  await mkdir(own.folder);
  await runDbbackup(own, 'create', own.database);
  const asked = ['--confirm', own.database];
  const undo = 'dbbackup undo, --keep-old';
  const results = await contest(
    [
      {
        name: undo,
        prepare: async () => {
          const restore = ['restore', `${own.database}/latest`, '--keep-old', '--no-safety-backup'];
          await runDbbackup(own, ...restore, ...asked);
        },
        run: () => runDbbackup(own, 'undo', ...asked),
      },
    ],
    ring.rounds,
  );
  const seconds = results.get(undo)?.cost?.seconds;
  return [
    ...[...results.values()].map(rowOf),
    {
      what: 'undo: seconds',
      ratio: seconds === undefined ? '–' : `${seconds.toFixed(2)} s`,
      target: `≤ ${LIMIT_SECONDS} s`,
      isMet: seconds !== undefined && seconds <= LIMIT_SECONDS,
    },
  ];
}
