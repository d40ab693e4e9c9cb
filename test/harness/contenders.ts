import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { REPOSITORY } from './build.ts';

/** What a contender says of its attempt. */
export interface Attempt {
  readonly kind: 'won' | 'lost';
  readonly code?: string;
  readonly message?: string;
  /** Milliseconds from the common moment to the answer. */
  readonly tookMs: number;
  readonly pid: number;
}

/** Processes that want one lock at one moment. They end with the test. */
export interface Contenders {
  /**
   * Lets all of them try at once. Whoever wins holds the lock until `release()`.
   *
   * @param wanted `path` of a lock file, or a `request` for both locks of a database.
   */
  race(wanted: { readonly path: string } | { readonly request: object }): Promise<readonly Attempt[]>;
  release(): Promise<void>;
  /** Kills them all. */
  end(): void;
}

/** Long enough for a message to reach all of them. */
const BARRIER_MS = 25;

export async function contenders(count: number): Promise<Contenders> {
  const started = await startContenders(count, join(REPOSITORY, 'dist'));
  onTestFinished(() => started.end());
  return started;
}

/** @param dist Folder of the compiled program whose locks they take. */
export async function startContenders(count: number, dist: string): Promise<Contenders> {
  const children = Array.from({ length: count }, () =>
    fork(join(REPOSITORY, 'test/fixtures/bin/lock-contender.js'), [dist], { stdio: 'inherit' }),
  );
  await Promise.all(children.map(answer));
  const tell = (message: object): Promise<readonly Attempt[]> =>
    Promise.all(
      children.map(async (child) => {
        const answered = answer(child);
        child.send(message);
        return { ...(await answered), pid: child.pid! };
      }),
    );
  return {
    race: (wanted) => tell({ kind: 'take', at: Date.now() + BARRIER_MS, ...wanted }),
    async release() {
      await tell({ kind: 'release' });
    },
    end() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

async function answer(child: ChildProcess): Promise<Omit<Attempt, 'pid'>> {
  const [message] = (await once(child, 'message')) as [Omit<Attempt, 'pid'>];
  return message;
}
