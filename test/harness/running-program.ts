import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { signalProcess } from './processes.ts';

export interface ProgramResult {
  /** undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly finished: Promise<ProgramResult>;
  /** To the program alone. */
  signal(name: NodeJS.Signals): void;
  /** To the program and all that it started in its process group, as a terminal does. */
  signalGroup(name: NodeJS.Signals): void;
}

interface Surroundings {
  readonly cwd: string;
  /** The whole of it; what is undefined is left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What stdin gives; nothing by default. */
  readonly input?: string | Uint8Array | Readable | undefined;
}

/** Starts a program in a process group of its own, so that the whole of it can be signalled and looked for. */
export async function startProgram(
  [program = '', ...args]: readonly string[],
  { cwd, env, input = '' }: Surroundings,
): Promise<RunningProgram> {
  const child = execa(program, args, {
    cwd,
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    extendEnv: false,
    ...(typeof input === 'string' || input instanceof Uint8Array
      ? { input }
      : { stdin: [input, 'pipe'] as const }), // with `pipe`, a stream that has no descriptor will do
    detached: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 2 ** 29,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started: ${String((await child).cause)}`);
  return {
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
}
