import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { current } from './current-test.ts';
import { REPOSITORY } from './build.ts';
import { signalProcess } from './processes.ts';
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

export interface RunResult {
  /** undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningDbbackup {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly finished: Promise<RunResult>;
  /** To dbbackup alone. */
  signal(name: NodeJS.Signals): void;
  /** To dbbackup and all that it started in its process group, as a terminal does. */
  signalGroup(name: NodeJS.Signals): void;
}

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
  const env: Record<string, string | undefined> = {
    PATH: process.env['PATH'] ?? '',
    TMPDIR: tmp,
    ...options.server?.environment,
    ...options.env,
  };
  const [program = '', ...rest] = [...(options.wrapper ?? []), process.execPath, PROGRAM, ...args];
  const input = options.input ?? '';
  const child = execa(program, rest, {
    cwd: options.cwd ?? folder,
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    extendEnv: false,
    ...(typeof input === 'string' || input instanceof Uint8Array
      ? { input }
      : { stdin: [input, 'pipe'] as const }), // with `pipe`, a stream that has no descriptor will do
    detached: true, // a process group of its own, so that the whole of it can be signalled and looked for
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 2 ** 29,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started: ${String((await child).cause)}`);
  const run: RunningDbbackup = {
    pid,
    stdout: child.stdout,
    stderr: child.stderr,
    finished: child.then(({ exitCode, signal, stdout, stderr }) => ({ exitCode, signal, stdout, stderr })),
    signal: (name) => {
      signalProcess(pid, name);
    },
    signalGroup: (name) => {
      signalProcess(-pid, name);
    },
  };
  current().runs.push(run);
  return run;
}
