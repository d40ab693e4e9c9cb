import { pause } from '../../run/pause.ts';

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
    bounds,
    stop,
    isWanted,
  }: {
    readonly bounds: PingBounds;
    readonly stop: AbortSignal;
    readonly isWanted: () => boolean;
  },
): Promise<string | undefined> {
  for (let number = 1; ; number += 1) {
    const failure = await tryOnce(url, body, bounds.tryMs, stop);
    if (failure === undefined) return undefined;
    if (!failure.mayPass || number === bounds.tries || !isWanted()) return failure.why;
    try {
      await pause(number * bounds.pauseMs, stop);
    } catch {
      return failure.why; // the time for all tries is over
    }
  }
}

interface PingFailure {
  readonly why: string;
  /** Another try may succeed. */
  readonly mayPass: boolean;
}

async function tryOnce(
  check: URL,
  body: string,
  tryMs: number,
  stop: AbortSignal,
): Promise<PingFailure | undefined> {
  const slow = AbortSignal.timeout(tryMs);
  const signal = AbortSignal.any([slow, stop]);
  // fetch takes no login in a URL.
  const url = new URL(check);
  const { username, password } = url;
  url.username = url.password = '';
  const login = Buffer.concat([percentDecoded(username), Buffer.from(':'), percentDecoded(password)]);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      signal,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'user-agent': 'dbbackup',
        ...(username === '' ? {} : { authorization: `Basic ${login.toString('base64')}` }),
      },
    });
    const { status, ok } = response;
    const answer = await beginningOf(response);
    if (!ok) return { why: `it answers ${status}`, mayPass: status >= 500 };
    // healthchecks answers 200 for a check that it does not know, too.
    const [, butWhy] = /^OK \(([a-z ]{1,40})\)/.exec(answer) ?? [];
    return butWhy === undefined ? undefined : { why: `it answers "${butWhy}"`, mayPass: false };
  } catch (error) {
    if (stop.aborted) return { why: 'there was no more time', mayPass: false };
    if (slow.aborted) return { why: `no answer within ${tryMs / 1000} s`, mayPass: true };
    return { why: reasonOf(error), mayPass: true };
  }
}

/** The bytes of a part of a URL; a `%` that begins no escape is one. */
function percentDecoded(text: string): Buffer {
  const bytes = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

/** As much of the answer as comes first; the rest is not read. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return Buffer.from(first?.value ?? []).toString('utf8', 0, 200);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

/** By its code: its message may repeat the URL. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  const inner = cause instanceof AggregateError ? (cause.errors[0] as NodeJS.ErrnoException) : cause;
  const code = inner?.code ?? cause?.code ?? '';
  return REASONS[code] ?? (code === '' ? 'the request failed' : `the request failed (${code})`);
}
