import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { current } from './current-test.ts';

/**
 * An empty folder that is removed after the test, once the leak guard has looked into it: it must hold no
 * `.partial` file then, and no process may have it as its working directory.
 */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-test-'));
  current().folders.push(folder);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Where one test works: the working directory of the runs, their backup directory and their TMPDIR. */
export interface Workspace {
  readonly folder: string;
  /** `<folder>/backups`: what `--dir` is by default in a run of the test. Not made. */
  readonly backups: string;
  /** `<folder>/tmp`: TMPDIR of the runs; must be empty after the test. */
  readonly tmp: string;
}

/** The workspace of the current test: made at the first call, the same one afterwards. */
export function workspace(): Promise<Workspace> {
  current().workspace ??= newWorkspace();
  return current().workspace!;
}

async function newWorkspace(): Promise<Workspace> {
  const folder = await temporaryFolder();
  const tmp = join(folder, 'tmp');
  await mkdir(tmp);
  return { folder, backups: join(folder, 'backups'), tmp };
}
