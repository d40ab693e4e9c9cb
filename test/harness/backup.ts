import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { expect } from 'vitest';
import type { Manifest } from '../../src/backups/record/manifest.ts';
import { runDbbackup } from './dbbackup.ts';
import { faultsOfDocument } from './documents.ts';
import type { RunOptions, RunResult } from './dbbackup.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/** Runs dbbackup where it must succeed; a failure shows what it said. */
export async function succeeds(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await runDbbackup(args, options);
  expect(result, `dbbackup ${args.join(' ')}: ${result.stderr}`).toMatchObject({
    exitCode: 0,
    signal: undefined,
  });
  return result;
}

/** Backs one database up. @returns the path that it printed. */
export async function backUp(
  server: TestServer,
  database: string,
  args: readonly string[] = [],
): Promise<string> {
  const { stdout } = await succeeds(['create', ...args, '--', database], { server });
  expect(stdout).toMatch(/^\/[^\n]*\n$/);
  return stdout.trimEnd();
}

/** Restores without a question. @returns the undo command that it printed; empty when there is nothing to undo. */
export async function restore(
  server: TestServer,
  reference: string,
  database: string,
  args: readonly string[] = [],
): Promise<string> {
  const { stdout } = await succeeds(['restore', `--confirm=${database}`, ...args, '--', reference], {
    server,
  });
  return stdout.trimEnd();
}

/** The newest safety backup of a database, by its reference. */
export async function safetyBackupOf(database: string): Promise<string> {
  const names = await readdir(join((await workspace()).backups, database));
  const newest = names
    .filter((name) => /^pre-restore_.*\.json$/.test(name))
    .sort()
    .at(-1);
  return `${database}/${newest?.slice(0, -'.json'.length) ?? ''}`;
}

/** The manifest beside a backup file, which is as its schema says. */
export async function manifestOf(path: string): Promise<Manifest> {
  const text = await readFile(path.replace(/\.sql(\.gz|\.zst)?$/, '.json'), 'utf8');
  const manifest = JSON.parse(text) as Manifest;
  expect(faultsOfDocument(manifest)).toEqual([]);
  return manifest;
}

/** The SQL of a backup file, whatever it is compressed with. */
export async function sqlOf(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  if (path.endsWith('.gz')) return gunzipSync(bytes);
  if (!path.endsWith('.zst')) return bytes;
  const { stdout } = await execa('zstd', ['-dcq', path], {
    encoding: 'buffer',
    maxBuffer: 2 ** 30,
    stripFinalNewline: false,
  });
  return Buffer.from(stdout);
}

/** Compares two dumps; where they differ, the first lines that do are shown instead of megabytes. */
export function expectSameDump(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  const [is, was] = [actual, expected].map((dump) => dump.toString('latin1').split('\n'));
  const at = was!.findIndex((line, index) => line !== is![index]);
  const around = (lines: string[]) =>
    lines.slice(Math.max(0, at - 2), at + 4).map((line) => line.slice(0, 400));
  expect({ line: at + 1, text: around(is!) }).toEqual({ line: at + 1, text: around(was!) });
  throw new Error(`The dumps differ in length only: ${actual.length} and ${expected.length} bytes.`);
}
