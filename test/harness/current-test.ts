import { beforeEach } from 'vitest';
import type { RunningDbbackup, RunResult } from './dbbackup.ts';
import type { TestServer } from './test-server.ts';
import type { Workspace } from './workspace.ts';

/** What a test may leave behind on purpose; see `leavesBehind`. */
export type Leftover =
  'partial' | 'temporary file' | 'process' | 'scratch schema' | 'load account' | 'server lock';

/** What the current test has used so far, for the leak guard to look at. */
interface CurrentTest {
  readonly folders: string[];
  readonly databases: { readonly server: TestServer; readonly name: string }[];
  /** Those that are processes. */
  readonly runs: RunningDbbackup[];
  /** Of those that were made within this process. */
  readonly results: RunResult[];
  readonly allowed: Set<Leftover>;
  workspace: Promise<Workspace> | undefined;
  /** How long the leak guard waits for the end of processes and connections. */
  patienceMs: number;
}

let test = fresh();

/** Tests of one file run one after the other, so one record is enough. */
export function current(): CurrentTest {
  return test;
}

/** Called by the guard's set-up file: each test begins with a clean record. */
export function recordEachTest(): void {
  beforeEach(() => {
    test = fresh();
  });
}

/**
 * Says that the current test leaves something behind on purpose, so that the leak guard lets it pass.
 *
 * @param why For the reader: what the test provokes, e.g. "kill -9 leaves it for the next run".
 */
export function leavesBehind(leftovers: readonly Leftover[], why: string): void {
  if (why === '') throw new Error('Say why the test may leave something behind.');
  for (const leftover of leftovers) test.allowed.add(leftover);
}

function fresh(): CurrentTest {
  return {
    folders: [],
    databases: [],
    runs: [],
    results: [],
    allowed: new Set(),
    workspace: undefined,
    patienceMs: 10_000,
  };
}
