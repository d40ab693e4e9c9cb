import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import type { Runtime } from '../../run/runtime.ts';
import type { OnProgress } from '../../run/progress.ts';
import { DbBackupError, EXIT_CODES } from '../../run/errors.ts';
import { detachedParent } from './detached-parent.ts';
import { isRunByNpx, watchParent } from './npx.ts';
import { SIGNAL_NAMES, type Context, type SignalName, type Signals } from './context.ts';
import { cancellationBy } from '../../run/host-signal.ts';

/**
 * The real process, clock, signals and terminal: the one file that touches them. Values are read when they are first
 * needed, because `--version` and `--help` need hardly any.
 */
export function processContext(): Context {
  surviveClosedPipes();
  keepYoungGenerationSmall();
  // Until main() says otherwise. Node's own code for a run that waits for nothing is 13, which is one of ours.
  process.exitCode = EXIT_CODES.failed.exitCode;
  const parent = detachedParent();
  return {
    env: process.env,
    get cwd() {
      return currentFolder();
    },
    get homeDirectory() {
      return orElse(() => homedir() || undefined, undefined);
    },
    get userId() {
      return currentUserId();
    },
    get userName() {
      return currentUser();
    },
    get hostName() {
      return hostname();
    },
    pid: process.pid,
    get cores() {
      return availableParallelism();
    },
    get version() {
      return packageVersion();
    },
    nodeVersion: process.versions.node,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    isTty: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    get columns() {
      return (process.stderr.isTTY ? process.stderr.columns : undefined) ?? 80;
    },
    program: process.env['npm_command'] === 'exec' ? 'npx dbbackup' : 'dbbackup',
    now: () => new Date(),
    startDetached: async (argv) => (await import('./start-detached.ts')).startDetached(argv),
    detachedParent: parent,
    get surroundings() {
      return {
        env: process.env,
        cgroup: readOrEmpty('/proc/self/cgroup'),
        init: readOrEmpty('/proc/1/comm').trim(),
        pid: process.pid,
        parentPid: process.ppid,
        program: process.argv[1] ?? '',
      };
    },
    // A detached run outlives what has started it.
    signals: processSignals(parent === undefined ? process.env : {}),
  };
}

/** What the core is given when somebody else's program calls it: this process, and nothing of its signals. */
export function processRuntime(
  options: {
    /** The line that the lock and the job file show; holds no secret. By default the name of the running script. */
    readonly command?: string | undefined;
    /** Cancels: what runs cleans up, and rejects with a `DbBackupError` whose cause is the signal's reason. */
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: OnProgress | undefined;
  } = {},
): Runtime {
  return {
    env: process.env,
    cwd: currentFolder(),
    homeDirectory: orElse(() => homedir() || undefined, undefined),
    userName: currentUser(),
    userId: currentUserId(),
    hostName: hostname(),
    pid: process.pid,
    version: packageVersion(),
    // Its arguments may hold secrets.
    command: options.command ?? basename(process.argv[1] ?? 'node'),
    program: 'npx dbbackup', // it is installed with the calling program, not for the whole machine
    now: () => new Date(),
    signal: options.signal === undefined ? new AbortController().signal : cancellationBy(options.signal),
    onProgress: options.onProgress ?? (() => undefined),
    stdin: process.stdin,
    stdout: process.stdout,
  };
}

/** e.g. `20.19.2`. */
export const nodeVersion = process.versions.node;

function currentUser(): string {
  return orElse(() => userInfo().username, process.env['USER'] ?? process.env['LOGNAME'] ?? '');
}

/** Windows, which has none, is not ours. */
function currentUserId(): number {
  return process.geteuid?.() ?? 0;
}

function processSignals(env: NodeJS.ProcessEnv): Signals {
  return {
    listen(onSignal) {
      const ignoresHangup = startedByNohup();
      let unwatch = (): void => undefined;
      const listener = (name: NodeJS.Signals): void => {
        if (name === 'SIGHUP' && ignoresHangup) return;
        unwatch(); // npm's shell has had the same signal, which is no second one
        onSignal(name as SignalName);
      };
      for (const name of SIGNAL_NAMES) process.on(name, listener);
      if (!ignoresHangup && isRunByNpx(env, process.ppid)) {
        unwatch = watchParent(
          () => process.ppid,
          () => {
            listener('SIGTERM');
          },
        );
      }
      return () => {
        unwatch();
        for (const name of SIGNAL_NAMES) process.off(name, listener).on(name, endOfItself);
      };
    },
    raise(name) {
      process.off(name, endOfItself);
      process.kill(process.pid, name);
    },
  };
}

/**
 * A signal after the run is over: bin ends the process with the code of what was done, which a death by signal would
 * hide. Only should it not come to that, the signal still ends it.
 */
function endOfItself(): void {
  setTimeout(() => process.exit(), LATE_SIGNAL_MS);
}

/** For the last words, on a slow machine, too. */
const LATE_SIGNAL_MS = 2_000;

/**
 * `nohup` asks for SIGHUP to be ignored, and Node forgets that at its start (it resets every signal). What is left to
 * see is the stdin that GNU nohup gives instead of a terminal: /dev/null, opened for writing only.
 */
function startedByNohup(): boolean {
  return orElse(() => {
    const [, flags = '0'] = /^flags:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    const accessMode = Number.parseInt(flags, 8) & 3;
    return accessMode === 1;
  }, false);
}

/**
 * Statements of a restore live for a moment, a megabyte each. In a young generation that grows, as V8's does, tens of
 * megabytes of dead ones wait to be collected.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * A reader that went away (`| head -1`, a closed terminal) must not end a backup with a stack. Who writes something
 * that matters learns of the failure from the write itself.
 */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new DbBackupError('not-found', 'The current folder no longer exists.', {
      hint: 'cd to a folder that does',
      cause,
    });
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function readOrEmpty(path: string): string {
  return orElse(() => readFileSync(path, 'utf8'), '');
}

/** os.userInfo() and os.homedir() throw for a uid that has no passwd entry, as containers like to have. */
function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
