import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLost } from './server-failures.ts';

const RETRY_MS = 500;

/**
 * Does what may be done again, until no lost connection comes between: a server that was killed comes back after a
 * while, and a connection that was killed is made anew.
 *
 * @param patienceMs After this long, the next failure is thrown.
 * @throws whatever else `action` throws, at once.
 */
export async function retryLostConnection<T>(action: () => Promise<T>, patienceMs: number): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isConnectionLost(error) || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}
