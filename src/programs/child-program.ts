import { kill as sendSignal } from 'node:process';
import type { Readable } from 'node:stream';
import { DbBackupError } from '../run/errors.ts';

/** After SIGTERM a child has this long before SIGKILL. */
const KILL_GRACE_MS = 5_000;

/** Enough for every message of a client program; a runaway tool must not fill the memory. */
const STDERR_LIMIT = 64 * 1024;

export interface ProgramRequest {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** Whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Handed over as descriptor 3; see `private-option-file.ts`. */
  readonly optionFileFd?: number;
  readonly stdin: 'pipe' | 'ignore';
  /** Ends the child: SIGTERM, after the grace SIGKILL. */
  readonly signal: AbortSignal;
  /** Five seconds by default. */
  readonly killGraceMs?: number;
}

export interface ProgramEnd {
  /** undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The first 64 KiB of its stderr. Not redacted. */
  readonly stderr: string;
}

export interface Program {
  readonly pid: number;
  /**
   * Sends bytes to its stdin (`stdin: 'pipe'` only). Resolves when more may come.
   *
   * @returns false when the program has ended and will read no more; its exit code tells why.
   */
  send(bytes: Buffer | string): Promise<boolean>;
  /** Ends its stdin. */
  endInput(): void;
  readonly stdout: Readable;
  /** Resolves when the child has ended and its output was read; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** SIGTERM, after the grace SIGKILL: to it and to all that it started, as a wrapper script does. */
  kill(): void;
}

/**
 * Starts a program without a shell, in its own process group, so that Ctrl-C reaches dbbackup alone and
 * dbbackup ends its children in order.
 *
 * @throws {DbBackupError} `tool-missing` when the file cannot be started.
 */
export async function startProgram(request: ProgramRequest): Promise<Program> {
  const { execa } = await import('execa');
  // execa's types know descriptors 3 to 9 only; any number works.
  const child = execa(request.file, request.args, {
    stdio: [request.stdin, 'pipe', 'pipe', (request.optionFileFd ?? 'ignore') as 3],
    env: request.env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    encoding: 'buffer',
  });

  const letGo = holdUntilRead(child.stdout);
  let running = true;
  let forced: NodeJS.Timeout | undefined;
  const kill = (): void => {
    if (!running || child.pid === undefined || forced !== undefined) return;
    const group = child.pid;
    letGo();
    child.stdout.resume(); // it ends only when its output has been read, and nobody may be reading any more
    signalGroup(group, 'SIGTERM');
    forced = setTimeout(() => {
      signalGroup(group, 'SIGKILL');
    }, request.killGraceMs ?? KILL_GRACE_MS);
  };
  request.signal.addEventListener('abort', kill, { once: true });
  if (request.signal.aborted) kill();

  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < STDERR_LIMIT) stderr += text.slice(0, STDERR_LIMIT - stderr.length);
  });
  const input = child.stdin;
  // A child that ends early breaks the pipe; its exit code says why, so the broken pipe itself is not reported.
  input?.on('error', () => undefined);

  const ended = child.then((result): ProgramEnd => {
    running = false;
    clearTimeout(forced);
    request.signal.removeEventListener('abort', kill);
    return { exitCode: result.exitCode, signal: result.signal, stderr: stderr.trim() };
  });
  if (child.pid === undefined) {
    const { cause } = await child;
    throw new DbBackupError('tool-missing', `${request.file} cannot be started.`, { cause });
  }
  return {
    pid: child.pid,
    stdout: child.stdout,
    ended,
    kill,
    async send(bytes) {
      if (input === null) return false;
      if (running && !input.write(bytes)) {
        // A program that has ended never drains, so its end is awaited as well.
        let onDrain: (() => void) | undefined;
        const drained = new Promise<void>((resolve) => input.once('drain', (onDrain = resolve)));
        await Promise.race([drained, ended]);
        if (onDrain !== undefined) input.off('drain', onDrain);
      }
      return running;
    },
    endInput: () => void input?.end(),
  };
}

/**
 * When a child ends, Node discards output that nobody is reading yet: the beginning of a small dump, if the dump tool
 * is faster than its reader. A `readable` listener prevents that.
 *
 * @returns a function that stops it, for output that is not wanted.
 */
function holdUntilRead(output: Readable): () => void {
  const hold = (): void => undefined;
  const letGo = (): void => {
    output.off('readable', hold);
  };
  output.on('readable', hold);
  // Readers that iterate or call read() work with it; readers that use events get none while it is there.
  output.on('newListener', (event) => {
    if (event === 'data') letGo();
  });
  return letGo;
}

/** Every program leads its own process group, which outlives it as long as one of its children does. */
function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    sendSignal(-leader, signal);
  } catch {
    // ESRCH: all of them have ended. EPERM: one that changed its account; there is nothing more that we may do.
  }
}
