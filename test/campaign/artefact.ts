import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM, REPOSITORY } from '../harness/build.ts';
import type { Program } from './family.ts';

/**
 * What a user gets: `npm pack`, installed into a folder of its own with the dependencies of its own.
 *
 * @throws {Error} With npm's complaints.
 */
export async function installPacked(folder: string): Promise<Program> {
  const prefix = join(folder, 'installed');
  await mkdir(prefix);
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: REPOSITORY,
  });
  const packed = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await execa('npm', ['install', '--prefix', prefix, ...quietly, packed], { cwd: prefix });
  const root = join(prefix, 'node_modules/dbbackup');
  return { entry: join(root, 'bin/dbbackup.js'), dist: join(root, 'dist') };
}

/** What stands in the working copy, once it is built: for the test suite. */
export function workingCopy(): Program {
  return { entry: PROGRAM, dist: join(REPOSITORY, 'dist') };
}

/** The commit that is checked out, with `+` when files differ from it. */
export async function commitOf(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await execa('git', args, { cwd: REPOSITORY })).stdout.trim();
  const changed = await git('status', '--porcelain', '--', 'bin', 'src', 'package.json');
  return `${await git('rev-parse', '--short=8', 'HEAD')}${changed === '' ? '' : '+'}`;
}
