import { pause } from '../../run/pause.ts';
import type { PingFailure, PostPing } from './post-ping.ts';

/** How long a monitor is waited for. */
export interface PingBounds {
  readonly tries: number;
  /** For one answer. */
  readonly tryMs: number;
  /** Between the first and the second try; after each it becomes longer by as much. */
  readonly pauseMs: number;
  /** For all that is done after the run. */
  readonly totalMs: number;
}

export const PING_BOUNDS: PingBounds = { tries: 5, tryMs: 10_000, pauseMs: 1000, totalMs: 60_000 };

/**
 * Where the protocol of healthchecks reports to: `<url>/start`, `<url>/<exit code>`, whose `rid` says which belong
 * together.
 */
export function pingUrl(check: URL, signal: string, rid: string): URL {
  const url = new URL(check);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${signal}`;
  url.searchParams.set('rid', rid);
  return url;
}

/**
 * Sends one ping, again if the monitor does not answer or is in trouble.
 *
 * @param stop Ends it, also in the middle of a try.
 * @param isWanted Asked before another try.
 * @returns why it failed, in words that do not repeat the URL; undefined when the monitor has it.
 */
export async function sendPing(
  url: URL,
  body: string,
  {
    post,
    bounds,
    stop,
    isWanted,
  }: {
    readonly post: PostPing;
    readonly bounds: PingBounds;
    readonly stop: AbortSignal;
    readonly isWanted: () => boolean;
  },
): Promise<string | undefined> {
  for (let number = 1; ; number += 1) {
    const failure = await tryOnce(url, body, { post, tryMs: bounds.tryMs, stop });
    if (failure === undefined) return undefined;
    if (!failure.mayPass || number === bounds.tries || !isWanted()) return failure.why;
    try {
      await pause(number * bounds.pauseMs, stop);
    } catch {
      return failure.why; // the time for all tries is over
    }
  }
}

async function tryOnce(
  url: URL,
  body: string,
  { post, tryMs, stop }: { readonly post: PostPing; readonly tryMs: number; readonly stop: AbortSignal },
): Promise<PingFailure | undefined> {
  const slow = AbortSignal.timeout(tryMs);
  const failure = await post(url, body, AbortSignal.any([slow, stop])).catch((): PingFailure => ({
    why: 'the request failed',
    mayPass: true,
  }));
  if (failure === undefined) return undefined;
  if (stop.aborted) return { why: 'there was no more time', mayPass: false };
  return slow.aborted ? { why: `no answer within ${tryMs / 1000} s`, mayPass: true } : failure;
}
