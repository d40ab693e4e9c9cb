import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { runDbbackup } from './dbbackup.ts';
import type { RunOptions } from './dbbackup.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/**
 * Every file of the test's backup directory with a hash of its content, but for job files and `.gitignore`: equal
 * before and after a run that was to leave nothing, not even a lock.
 *
 * @param directory The test's own by default.
 */
export async function filesOfBackups(directory?: string): Promise<Readonly<Record<string, string>>> {
  const backups = directory ?? (await workspace()).backups;
  const entries = await readdir(backups, { recursive: true, withFileTypes: true }).catch(() => []); // none made yet
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(backups, path);
    if (entry.isDirectory() || name.startsWith('.jobs/') || name === '.gitignore') continue;
    const content = await readFile(path).catch(() => undefined); // gone since: a draft of a lock, a partial
    if (content !== undefined) files[name] = createHash('sha256').update(content).digest('hex');
  }
  return files;
}

/** A hash of everything that a database holds, by its stock dump: the same before and after what was to change nothing. */
export async function contentOf(server: TestServer, database: string): Promise<string> {
  return createHash('sha256')
    .update(await server.dump(database))
    .digest('hex');
}

/** Makes a backup that is to succeed, and gives its path. */
export async function madeBackup(
  server: TestServer,
  database: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runDbbackup(['create', database, ...args], {
    server,
    ...options,
  });
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}
