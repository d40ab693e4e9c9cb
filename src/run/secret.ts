/** A value that is never shown: every way to print it gives `[hidden]`, and only `reveal()` gives the text. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[hidden]';
  }

  toJSON(): string {
    return '[hidden]';
  }
}

/**
 * Removes every spelling of the given secrets from a text that we did not write (a tool's stderr, a driver's
 * message). Secrets of fewer than four characters are left: replacing `a` everywhere would hide nothing and garble
 * everything, and the texts we show never contain a password to begin with.
 */
export function redact(text: string, secrets: readonly (Secret | undefined)[]): string {
  let result = text;
  for (const secret of secrets) {
    const value = secret?.reveal() ?? '';
    if (value.length < 4) continue;
    const spellings = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
    for (const spelling of spellings) result = result.replaceAll(spelling, '[hidden]');
  }
  return result;
}

/**
 * Removes secrets from the message and the stack of an unexpected error, in place: code that shows or records it
 * later no longer knows them.
 */
export function redactError(error: unknown, secrets: readonly (Secret | undefined)[]): void {
  if (!(error instanceof Error)) return;
  // Not by assignment: a DOMException, as an AbortSignal has for its reason, takes none.
  Object.defineProperty(error, 'message', { value: redact(error.message, secrets), configurable: true });
  if (error.stack !== undefined)
    Object.defineProperty(error, 'stack', { value: redact(error.stack, secrets), configurable: true });
}
