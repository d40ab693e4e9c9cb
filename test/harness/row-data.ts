import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunResult } from './dbbackup.ts';
import { workspace } from './workspace.ts';

/** A text out of a row stands in nothing that a run said, and in no job's state file or log. */
export async function expectNoRowData(rowData: string, { stdout, stderr }: RunResult): Promise<void> {
  const jobs = join((await workspace()).backups, '.jobs');
  const files = await Promise.all((await readdir(jobs)).map((name) => readFile(join(jobs, name), 'utf8')));
  for (const text of [stdout, stderr, ...files]) expect(text).not.toContain(rowData);
}
