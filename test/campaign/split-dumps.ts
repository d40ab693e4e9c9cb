import { readFileSync } from 'node:fs';
import { DUMPS, dumpFile } from '../fixtures/some-dumps.ts';
import { splitsAsTheGuardReads } from '../harness/dump-parts.ts';
import { mutated, withMoreRows } from '../harness/mutated-dumps.ts';
import { pick, upTo } from './family.ts';
import type { Family } from './family.ts';

export const splitDumps: Family = {
  name: 'split-dumps',
  promises: 'P9',
  fault:
    'a dump changed at random, read in pieces of random length; every statement and every row must be loaded',
  trials: { brief: 0, usual: 300, long: 10_000 },
  servers: 'first',
  lanes: 1,
  prepare() {
    const originals = new Map<string, Buffer>(
      DUMPS.map(({ file }) => [file, withMoreRows(readFileSync(dumpFile(file)))]),
    );
    return Promise.resolve({
      kinds: [...originals.keys()],
      attempt({ title, random }) {
        const text = mutated(originals.get(title)!, (below) => upTo(random, below));
        splitsAsTheGuardReads(text, pick(random, [1, 7, 300, 20_000]), random);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};
