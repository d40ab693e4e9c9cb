import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and gives it.
 *
 * @param what Ends the sentence "Waited 30 s for …".
 * @throws {Error} At the deadline; an error of `ask` itself passes through at once.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 30_000, everyMs = 20 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new Error(`Waited ${deadlineMs / 1000} s for ${what}.`);
    await sleep(everyMs);
  }
}

/** Gives what `promise` gives, or rejects at the deadline: for what must never hang. */
export async function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = sleep(deadlineMs, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`${what} took longer than ${deadlineMs / 1000} s.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined); // the aborted sleep rejects; nobody waits for it any more
  }
}
