import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../../harness/build.ts';

/** `moduleOf<T>(program, 'run/errors.js')`, `join(dist, 'run/errors.js')`. */
const LOADED = /(?:program|dist),\s*'([\w/-]+)\.js'/g;

/** Whatever is loaded of the built program is named by a text, which no compiler looks at. */
test.each(['test/campaign', 'test/fixtures/bin'])(
  'modules of the program that %s names are there',
  (folder) => {
    const named = readdirSync(join(REPOSITORY, folder))
      .filter((name) => /\.[jt]s$/.test(name))
      .flatMap((name) => [...readFileSync(join(REPOSITORY, folder, name), 'utf8').matchAll(LOADED)])
      .map(([, path]) => `src/${path!}.ts`);

    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  },
);
