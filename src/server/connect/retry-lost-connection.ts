import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLost } from './server-failures.ts';

const RETRY_MS = 500;

/**
 * Repeats an action until no lost connection interrupts it: a killed server comes back after a while, and a killed
 * connection is opened again.
 *
 * @param patienceMs After this long, the next failure is thrown.
 * @throws whatever else `action` throws, immediately.
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
