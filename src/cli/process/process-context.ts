import { availableParallelism, homedir, hostname } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import type { Runtime } from '../../run/runtime.ts';
import type { OnProgress } from '../../run/progress.ts';
import { EXIT_CODES } from '../../run/errors.ts';
import { detachedParent } from './detached-parent.ts';
import { type Context } from './context.ts';
import { packageVersion } from '../package-version.ts';
import { cancellationBy } from '../../run/host-signal.ts';
import { processSignals } from './signals.ts';
import { currentUserId, currentUser, currentFolder, orElse, readOrEmpty } from './process-facts.ts';

/**
 * The real process, clock, signals and terminal: the one file that touches them. Values are read when they are
 * first needed, because `--version` and `--help` need hardly any.
 */
export function processContext(): Context {
  surviveClosedPipes();
  keepYoungGenerationSmall();
  // Until main() sets another. Node's own code for a run that waits for nothing is 13, which is one of ours.
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
    skipOptimizing: () => {
      setFlagsFromString('--no-opt');
    },
    startDetached: async (argv) => (await import('./start-detached.ts')).startDetached(argv),
    detachedParent: parent,
    postPing: async (...ping) => (await import('./start-ping.ts')).postPingFromChild(...ping),
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

/** What the core is given when another program calls it: this process, without its signals. */
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

/**
 * Statements of a restore live for a moment, a megabyte each. In a young generation that grows, as V8's does, tens
 * of megabytes of dead ones wait to be collected.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * A reader that has gone away (`| head -1`, a closed terminal) must not end a backup with a stack trace. Code that
 * writes something important learns of the failure from the write itself.
 */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
