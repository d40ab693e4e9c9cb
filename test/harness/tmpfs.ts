import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { current } from './current-test.ts';

/**
 * A file system of its own, which is soon full. It is gone after the test.
 *
 * @param options See `mountTmpfs`.
 */
export async function mountedTmpfs(options: string): Promise<string> {
  const mount = await mkdtemp(join(tmpdir(), 'dbbackup-disk-'));
  await mountTmpfs(mount, options);
  current().folders.push(mount);
  onTestFinished(async () => {
    await execa('umount', [mount]);
    await rm(mount, { recursive: true });
  });
  return mount;
}

/**
 * Root's alone to do.
 *
 * @param options As `mount -o` takes them: `size=1m`.
 */
export async function mountTmpfs(folder: string, options: string): Promise<void> {
  await execa('mount', ['-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', folder]);
}
