/** Aborted so long after a signal is, for the reason that it had: what is short may still come to its end. */
export function withGracePeriod(signal: AbortSignal, graceMs: number): AbortSignal {
  const late = new AbortController();
  const begin = (): void => {
    setTimeout(() => {
      late.abort(signal.reason);
    }, graceMs).unref();
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return late.signal;
}
