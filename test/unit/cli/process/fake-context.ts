import { Readable, Writable } from 'node:stream';
import { postPing } from '../../../../src/cli/after/post-ping.ts';
import type { Context, SignalName } from '../../../../src/cli/process/context.ts';

export interface FakeContext extends Context {
  /** What was written so far. */
  readonly written: { readonly stdout: string; readonly stderr: string };
  /** Sends a signal, as a terminal or a supervisor would. */
  readonly send: (name: SignalName) => void;
  /** The signals that were raised again, to end the process. */
  readonly raised: readonly SignalName[];
  /** How many listen to signals now. */
  readonly listening: () => number;
}

/** A process without terminal, at 2026-11-22 03:00:00 UTC, in /work, with nothing in its environment. */
export function fakeContext(changes: Partial<Context> = {}): FakeContext {
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<(name: SignalName) => void>();
  const raised: SignalName[] = [];
  return {
    env: {},
    cwd: '/work',
    homeDirectory: undefined,
    userName: 'tester',
    userId: 1000,
    hostName: 'testhost',
    cores: 2,
    pid: 4711,
    version: '1.2.3',
    program: 'dbbackup',
    nodeVersion: '20.19.2',
    stdin: Readable.from([]),
    stdout: collector((text) => (written.stdout += text)),
    stderr: collector((text) => (written.stderr += text)),
    isTty: { stdin: false, stdout: false, stderr: false },
    columns: 80,
    now: () => new Date('2026-11-22T03:00:00Z'),
    skipOptimizing: () => undefined,
    startDetached: () => Promise.reject(new Error('starts nothing')),
    detachedParent: undefined,
    postPing,
    surroundings: {
      env: {},
      cgroup: '',
      init: 'systemd',
      pid: 4711,
      parentPid: 4710,
      program: '/dbbackup.js',
    },
    signals: {
      listen(onSignal) {
        listeners.add(onSignal);
        return () => listeners.delete(onSignal);
      },
      raise: (name) => raised.push(name),
    },
    ...changes,
    written,
    send: (name) => {
      for (const listener of [...listeners]) listener(name);
    },
    raised,
    listening: () => listeners.size,
  };
}

/** A stream that hands on what is written to it as text. */
export function collector(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk.toString());
      done();
    },
  });
}
