import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export const PROGRAM = join(REPOSITORY, 'bin/dbbackup.js');

/**
 * Builds the program unless it is newer than its sources: the tests start it as its users do. Types are not checked:
 * that is `npm run typecheck`, and a test in hand need not wait for a file that is not done.
 *
 * @throws {Error} With the compiler's complaints.
 */
export async function buildWhenStale(): Promise<void> {
  const builtAt = await modifiedAt(join(REPOSITORY, 'dist/program/main.cjs'));
  const sources = await readdir(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const others = ['tsconfig.build.json', 'rolldown.config.js', 'package-lock.json'];
  const changedAt = await Promise.all(
    [...files, ...others.map((name) => join(REPOSITORY, name))].map(modifiedAt),
  );
  if (builtAt < Math.max(...changedAt)) await build();
}

async function build(): Promise<void> {
  // What an earlier build left of files that have moved would be loaded, or packed, in the place of today's.
  await rm(join(REPOSITORY, 'dist'), { recursive: true, force: true });
  await run('tsc', '-p', 'tsconfig.build.json', '--noCheck');
  await run('rolldown', '--config');
  await run('npm', 'run', 'manual');
}

async function run(program: string, ...args: string[]): Promise<void> {
  const result = await execa(program, args, {
    cwd: REPOSITORY,
    preferLocal: true,
    reject: false,
    all: true,
  });
  if (result.exitCode !== 0) throw new Error(`The program cannot be built:\n${result.all}`);
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.mtimeMs,
    () => 0,
  );
}
