import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type * as posting from '../../src/cli/after/post-ping.ts';
import type * as commandLine from '../../src/cli/main.ts';

/** What a run within this process is given in place of a process of its own. */
export interface Surroundings {
  readonly cwd: string;
  /** The whole of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What stdin gives; nothing by default. */
  readonly input?: string | Uint8Array | Readable | undefined;
  /** See `Runtime`. */
  readonly busyPatienceMs?: number | undefined;
}

export interface Ending {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type RunInProcess = (args: readonly string[], surroundings: Surroundings) => Promise<Ending>;

/**
 * Loads a built program, to run command lines of it within this process as often as wanted: starting Node each time
 * would cost more than most runs. Every run resolves its settings and connects anew, and starts the client programs, as
 * in a process of its own. It cannot start itself again (`--detach`), and hears no signal.
 *
 * @param dist Where it was built.
 */
export async function loadProgram(dist: string): Promise<RunInProcess> {
  const { main } = (await import(pathToFileURL(join(dist, 'program/main.cjs')).href)) as typeof commandLine;
  const { postPing } = (await import(
    pathToFileURL(join(dist, 'cli/after/post-ping.js')).href
  )) as typeof posting;
  const { version } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')) as { version: string };
  const { username, homedir } = userInfo();
  return async (args, { cwd, env, input = '', busyPatienceMs }) => {
    const [stdout, stderr] = [collector(), collector()];
    const stdin = input instanceof Readable ? input : Readable.from([Buffer.from(input)]);
    const exitCode = await main(args, {
      ...{ cwd, env, version, busyPatienceMs, stdin, stdout: stdout.stream, stderr: stderr.stream },
      homeDirectory: env['HOME'] ?? homedir,
      userName: username,
      userId: process.geteuid?.() ?? 0,
      hostName: hostname(),
      pid: process.pid,
      cores: 2,
      nodeVersion: process.versions.node,
      isTty: { stdin: false, stdout: false, stderr: false },
      columns: 80,
      program: env['npm_command'] === 'exec' ? 'npx dbbackup' : 'dbbackup',
      now: () => new Date(),
      skipOptimizing: () => undefined,
      startDetached: () => Promise.reject(new Error('What is to be detached needs a process of its own.')),
      detachedParent: undefined,
      postPing,
      surroundings: { env, cgroup: '', init: '', pid: process.pid, parentPid: process.ppid, program: '' },
      signals: { listen: () => () => undefined, raise: () => undefined },
    });
    stdin.destroy();
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  };
}

function collector(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk)); // whoever writes may use it again
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
