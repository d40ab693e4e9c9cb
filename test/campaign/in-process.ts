import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as library from '../../src/index.ts';
import { loadProgram } from '../harness/in-process.ts';
import type { Ending } from '../harness/in-process.ts';
import type { TestServer } from '../harness/test-server.ts';
import type { Program } from './family.ts';

/** Runs the program's command line within this process: what is tried is what it does to a database. */
export async function inProcess(
  { dist }: Program,
  server: TestServer,
  cwd: string,
): Promise<(args: readonly string[]) => Promise<Ending>> {
  const run = await loadProgram(dist);
  return (args) => run(args, { cwd, env: { ...server.environment, TMPDIR: cwd } });
}

/**
 * Restores with `--allow-unsafe` within this process, as for somebody who agrees to whatever is shown.
 *
 * @returns its exit code.
 */
export async function restoreAllowing(
  { dist }: Program,
  { port }: TestServer,
  request: Pick<
    Parameters<typeof library.restoreBackup>[0],
    'directory' | 'reference' | 'to' | 'inPlace' | 'loadAccount'
  >,
): Promise<number> {
  const url = pathToFileURL(join(dist, 'index.js')).href;
  const { DbBackupError, resolveSettings, restoreBackup } = (await import(url)) as typeof library;
  const { connection } = await resolveSettings({ host: '127.0.0.1', port, user: 'root' });
  try {
    await restoreBackup({
      ...{ ...request, connection, allowUnsafe: true, safetyBackup: false },
      confirm: () => undefined,
    });
    return 0;
  } catch (error) {
    if (error instanceof DbBackupError) return error.exitCode;
    throw error;
  }
}
