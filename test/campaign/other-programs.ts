import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OTHER_DUMPS, PRODUCERS } from '../fixtures/programs/other-dumps.ts';
import { compareWithStockClient } from '../harness/other-dump.ts';
import type { Comparison } from '../harness/other-dump.ts';
import type { Family } from './family.ts';
import { inProcess } from './in-process.ts';

/** All of them; the test suite has a share. */
export const otherPrograms: Family = {
  name: 'other-programs',
  promises: 'P34',
  fault: `none: dumps in the style of ${PRODUCERS.length} other programs, in two charsets and both line ends`,
  trials: { brief: 0, usual: 1_000, long: 1_000 },
  servers: 'each',
  lanes: 2, // a trial mostly waits for the server
  async prepare({ program, server, folder }) {
    await mkdir(join(folder, 'backups'));
    const bench = { server, folder, run: await inProcess(program, server, folder) };
    const counts: Record<Comparison, number> = { same: 0, 'ours-alone': 0, refused: 0 };
    return {
      cases: OTHER_DUMPS.map(({ title }) => title),
      async attempt({ title }) {
        const dump = OTHER_DUMPS.find((each) => each.title === title)!;
        counts[await compareWithStockClient(bench, dump)] += 1;
      },
      [Symbol.asyncDispose]() {
        console.error(
          `other-programs: ${counts.same} as the stock client, ${counts['ours-alone']} that it does not take, ${counts.refused} that neither takes`,
        );
        return Promise.resolve();
      },
    };
  },
};
