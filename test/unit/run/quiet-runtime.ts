import { PassThrough, Readable } from 'node:stream';
import type { Runtime } from '../../../src/run/runtime.ts';
import type { ProgressEvent } from '../../../src/run/progress.ts';

/** A run at 2026-11-22 03:00:00 UTC that remembers what it was told. */
export function quietRuntime(
  changes: Partial<Runtime> = {},
): Runtime & { readonly events: readonly ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  return {
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    homeDirectory: undefined,
    userName: 'tester',
    userId: process.geteuid?.() ?? 0, // the tests' own files are trusted
    hostName: 'testhost',
    pid: process.pid,
    version: '1.2.3',
    program: 'dbbackup',
    command: 'dbbackup create shop',
    now: () => new Date('2026-11-22T03:00:00Z'),
    signal: new AbortController().signal,
    onProgress: (event) => events.push(event),
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    ...changes,
    events,
  };
}
