import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { current } from './current-test.ts';
import { REPOSITORY } from './build.ts';
import { startProgram } from './running-program.ts';
import type { ProgramResult, RunningProgram } from './running-program.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

export interface RunOptions {
  /** Leads the run to this server; without it the run knows of none. */
  readonly server?: TestServer;
  /** Added to a clean environment of PATH and TMPDIR alone; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stdin gives; nothing by default. */
  readonly input?: string | Uint8Array | Readable;
  /** The test's workspace by default. */
  readonly cwd?: string;
  /** Put before the command: `['strace', …]`, `['prlimit', '--fsize=1000']`. */
  readonly wrapper?: readonly string[];
}

export type RunResult = ProgramResult;
export type RunningDbbackup = RunningProgram;

/** The program as users get it; `test/harness/global-setup.ts` has built it. */
const PROGRAM = join(REPOSITORY, 'bin/dbbackup.js');

/** Runs the built program to its end, whatever the end is. */
export async function runDbbackup(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return (await startDbbackup(args, options)).finished;
}

/** Starts the built program, for tests that do something to it while it runs. */
export async function startDbbackup(
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunningDbbackup> {
  const { folder, tmp } = await workspace();
  const run = await startProgram([...(options.wrapper ?? []), process.execPath, PROGRAM, ...args], {
    cwd: options.cwd ?? folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: tmp,
      ...options.server?.environment,
      ...options.env,
    },
    input: options.input,
  });
  current().runs.push(run);
  return run;
}
