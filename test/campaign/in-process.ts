import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Readable, Writable } from 'node:stream';
import type * as commandLine from '../../src/cli/main.ts';
import type * as library from '../../src/index.ts';
import type { TestServer } from '../harness/test-server.ts';
import type { Program } from './family.ts';

export interface Ending {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the program's command line within this process, as often as wanted: what is tried is what it does to a database,
 * and starting Node each time would cost more than that. Every run resolves its settings and connects anew, and starts
 * the client programs, as in a process of its own.
 */
export async function inProcess(
  { dist }: Program,
  server: TestServer,
  cwd: string,
): Promise<(args: readonly string[]) => Promise<Ending>> {
  const load = async <T>(path: string): Promise<T> =>
    (await import(pathToFileURL(join(dist, path)).href)) as T;
  const { main } = await load<typeof commandLine>('cli/main.js');
  const { processRuntime } = await load<typeof library>('index.js');
  return async (args) => {
    const written = { stdout: '', stderr: '' };
    const { userName, userId, hostName, pid, version, program, now } = processRuntime({ command: '' });
    const exitCode = await main(args, {
      ...{ userName, userId, hostName, pid, version, program, now, cwd },
      env: { ...server.environment, TMPDIR: cwd },
      homeDirectory: undefined,
      cores: 2,
      nodeVersion: process.versions.node,
      stdin: Readable.from([]),
      stdout: collector((text) => (written.stdout += text)),
      stderr: collector((text) => (written.stderr += text)),
      isTty: { stdin: false, stdout: false, stderr: false },
      columns: 80,
      startDetached: () => Promise.reject(new Error('Nothing is detached here.')),
      detachedParent: undefined,
      surroundings: { env: {}, cgroup: '', init: '', pid, parentPid: process.ppid, program: '' },
      signals: { listen: () => () => undefined, raise: () => undefined },
    });
    return { exitCode, ...written };
  };
}

function collector(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk.toString());
      done();
    },
  });
}
