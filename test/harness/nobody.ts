import { chown, cp, mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { PROGRAM, REPOSITORY } from './build.ts';
import { startDbbackup } from './dbbackup.ts';
import type { RunningDbbackup, RunResult } from './dbbackup.ts';
import type { TestServer } from './test-server.ts';
import { temporaryFolder } from './workspace.ts';

/** The id of the user `nobody`, and of its group, on Debian. */
export const NOBODY = 65_534;

/** Commands that read the backup directory alone. */
const WITHOUT_SERVER: ReadonlySet<string | undefined> = new Set(['list', 'status', 'verify', 'health']);

/**
 * A folder of that user's, and the program run by that user in it, with a HOME that it may not write and the bare
 * environment of cron. Only for tests that run as root.
 */
export async function nobody(server: TestServer): Promise<{
  readonly folder: string;
  /** @param env Added to the bare environment: `XDG_STATE_HOME=/…`. */
  readonly run: (args: readonly string[], env?: readonly string[]) => Promise<RunResult>;
  /** The same, for tests that do something to it while it runs. */
  readonly start: (args: readonly string[], env?: readonly string[]) => Promise<RunningDbbackup>;
}> {
  const folder = await temporaryFolder();
  const copy = join(folder, 'program'); // the checkout may lie where others may not look
  const program = join(copy, relative(REPOSITORY, PROGRAM));
  for (const part of ['bin', 'dist/program', 'package.json'])
    await cp(join(REPOSITORY, part), join(copy, part), { recursive: true });
  const tmp = join(folder, 'tmp');
  const home = join(folder, 'home');
  await mkdir(tmp);
  await mkdir(home, { mode: 0o555 });
  for (const each of [folder, tmp]) await chown(each, NOBODY, NOBODY);
  const connection = ['--host', server.host, '--port', String(server.port), '--user', server.user];
  const isAlone = (args: readonly string[]): boolean =>
    WITHOUT_SERVER.has(args[0]) && !args.includes('--rehearse');
  const start = (args: readonly string[], env: readonly string[] = []): Promise<RunningDbbackup> =>
    startDbbackup([...args, ...(isAlone(args) ? [] : connection)], {
      cwd: folder,
      program,
      wrapper: [
        ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
        ...['env', '-i', `PATH=${server.bin}:/usr/bin:/bin`, `HOME=${home}`, `TMPDIR=${tmp}`, ...env],
      ],
    });
  const run = async (args: readonly string[], env?: readonly string[]): Promise<RunResult> =>
    (await start(args, env)).finished;
  return { folder, run, start };
}
