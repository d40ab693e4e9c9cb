import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { current } from './current-test.ts';
import { PROGRAM, REPOSITORY } from './build.ts';
import { loadProgram } from './in-process.ts';
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
  /** See `Runtime`; of runs within this process alone. */
  readonly busyPatienceMs?: number;
  /** Another copy of it to start as a process. */
  readonly program?: string;
  /** The run is a process of its own, where that is what matters. */
  readonly asProcess?: boolean;
}

export type RunResult = ProgramResult;
export type RunningDbbackup = RunningProgram;

const program = loadProgram(join(REPOSITORY, 'dist'));

/**
 * Runs the built program to its end, whatever the end is: within this process, which spares the start of another one,
 * unless the options want a process.
 */
export async function runDbbackup(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { wrapper, asProcess = wrapper !== undefined || args.includes('--detach') } = options;
  if (asProcess) return (await startDbbackup(args, options)).finished;
  const { cwd, env } = await surroundingsOf(options);
  const giveBack = takeOver(cwd, env['TMPDIR']);
  try {
    const run = await program;
    const result = {
      ...(await run(args, { cwd, env, input: options.input, busyPatienceMs: options.busyPatienceMs })),
      signal: undefined,
    };
    current().results.push(result);
    return result;
  } finally {
    giveBack();
  }
}

/** Begins a run within this process, for tests that do something while it waits. */
export function beginDbbackup(
  args: readonly string[],
  options: RunOptions,
): Pick<RunningDbbackup, 'pid' | 'finished'> {
  return { pid: process.pid, finished: runDbbackup(args, options) };
}

/** Starts the built program, for tests that do something to it while it runs. */
export async function startDbbackup(
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunningDbbackup> {
  const { cwd, env } = await surroundingsOf(options);
  const { wrapper = [], program: file = PROGRAM, input } = options;
  const run = await startProgram([...wrapper, process.execPath, file, ...args], { cwd, env, input });
  current().runs.push(run);
  return run;
}

async function surroundingsOf({ server, env, cwd }: RunOptions): Promise<{
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}> {
  const { folder, tmp } = await workspace();
  return {
    cwd: cwd ?? folder,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmp, ...server?.environment, ...env },
  };
}

/** Where runs of one test are made within this process at the moment. */
interface Stay {
  readonly test: ReturnType<typeof current>;
  readonly cwd: string;
  runs: number;
}
let stay: Stay | undefined;
const OUTSIDE_TMPDIR = process.env['TMPDIR'];

/**
 * Gives this process what the programs that a run starts inherit, and the folder for temporary files.
 *
 * @returns what takes it away again, once no run of the test needs it.
 */
function takeOver(cwd: string, temporaryFolder: string | undefined): () => void {
  const test = current();
  if (stay?.test !== test) stay = { test, cwd, runs: 0 }; // one of a test that timed out may still hang about
  if (stay.cwd !== cwd && stay.runs > 0)
    throw new Error('Two runs at once in different folders need a process each: asProcess.');
  const own = stay.cwd === cwd ? stay : (stay = { test, cwd, runs: 0 });
  own.runs += 1;
  enter(cwd, temporaryFolder);
  return () => {
    own.runs -= 1;
    if (own.runs > 0 || own !== stay) return;
    stay = undefined;
    enter(REPOSITORY, OUTSIDE_TMPDIR);
  };
}

function enter(cwd: string, temporaryFolder: string | undefined): void {
  process.chdir(cwd);
  if (temporaryFolder === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporaryFolder;
}
