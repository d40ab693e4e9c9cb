import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { rolldown } from 'rolldown';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The built program and its dependencies in few files, which Node loads with half the work: what tests start as a
 * process, where they do not ask for the packed program. It lies as deep in the repository as what it is made of.
 */
const BUNDLE = join(REPOSITORY, 'node_modules/.cache/dbbackup');
export const PROGRAM = join(BUNDLE, 'dbbackup.js');

/**
 * Compiles `src` to `dist` unless `dist` is newer, and bundles that: the tests start the program as its users do.
 * Types are not checked: that is `npm run typecheck`, and a test in hand need not wait for a file that is not done.
 *
 * @throws {Error} With the compiler's complaints.
 */
export async function buildWhenStale(): Promise<void> {
  const builtAt = await modifiedAt(join(REPOSITORY, 'dist/cli/main.js'));
  const sources = await readdir(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const changedAt = await Promise.all([...files, join(REPOSITORY, 'tsconfig.build.json')].map(modifiedAt));
  if (builtAt < Math.max(...changedAt)) await compile();
  const parts = ['dist/cli/main.js', 'bin/dbbackup.js', 'package-lock.json', 'test/harness/build.ts'];
  const renewedAt = await Promise.all(parts.map((part) => modifiedAt(join(REPOSITORY, part))));
  if ((await modifiedAt(PROGRAM)) < Math.max(...renewedAt)) await bundle();
}

async function compile(): Promise<void> {
  // What an earlier build left of files that have moved would be loaded, or packed, in the place of today's.
  await rm(join(REPOSITORY, 'dist'), { recursive: true, force: true });
  const result = await execa('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--noCheck'], {
    cwd: REPOSITORY,
    reject: false,
    all: true,
  });
  if (result.exitCode !== 0) throw new Error(`src does not compile:\n${result.all}`);
}

async function bundle(): Promise<void> {
  await rm(BUNDLE, { recursive: true, force: true });
  const build = await rolldown({
    input: join(REPOSITORY, 'bin/dbbackup.js'),
    platform: 'node',
    logLevel: 'warn',
  });
  await build.write({ dir: BUNDLE, chunkFileNames: '[name]-[hash].js', keepNames: true, minify: true });
  await build.close();
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.mtimeMs,
    () => 0,
  );
}
