/** Why a ping failed. */
export interface PingFailure {
  /** In words that do not repeat the URL. */
  readonly why: string;
  /** Another try may succeed. */
  readonly mayPass: boolean;
}

/**
 * Sends one ping.
 *
 * @param signal Ends it. May reject then.
 * @returns undefined when the monitor has it.
 */
export type PostPing = (check: URL, body: string, signal: AbortSignal) => Promise<PingFailure | undefined>;

/** Within this process, which cannot end the look-up of a name: whoever does not want to wait for it kills the process. */
export const postPing: PostPing = async (check, body, signal) => {
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
    return { why: reasonOf(error), mayPass: true };
  }
};

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
