/** Aborted this long after the given signal, with the same reason, so that short work may still complete. */
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
