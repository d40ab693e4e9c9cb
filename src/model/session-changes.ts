import { readAssignments, variableIn } from './session-settings.ts';
import type { SessionDelta } from './load-script.ts';
import type { SqlToken } from './sql-statement.ts';

/** A literal; `clean`: as the preamble left it; `first`: as it was before the preamble. */
type Value = { readonly literal: string } | 'clean' | 'first';

/** Variables that a loader sets as it needs them, whatever the dump says. */
const OURS: ReadonlySet<string> = new Set(['autocommit', 'foreign_key_checks', 'unique_checks', 'sql_notes']);

/** Set in comments for MariaDB alone, where rows cannot be loaded without them. */
const INDISPENSABLE: ReadonlySet<string> = new Set(['system_versioning_insert_history']);

/**
 * Follows what a dump's SET statements leave behind, so that any statement of it can be run out of turn: on a session
 * that has run the preamble, with `delta` set.
 *
 * Dump tools change a few variables for each program and set them back from user variables, `SET @saved = @@x`.
 */
export class SessionChanges {
  readonly #preamble = new Map<string, string>();
  readonly #changed = new Map<string, Value>();
  readonly #saved = new Map<string, Value>();
  #inPreamble = true;

  /** The statements from here on are no longer the head of the dump. */
  endPreamble(): void {
    this.#inPreamble = false;
  }

  get inPreamble(): boolean {
    return this.#inPreamble;
  }

  /**
   * @param tokens Of a SET statement.
   * @returns why it cannot be followed.
   */
  set(tokens: readonly SqlToken[]): string | undefined {
    for (const assignment of readAssignments(tokens)) {
      if (typeof assignment === 'string') return assignment;
      const { target, name, value } = assignment;
      const reason =
        target === 'user'
          ? this.#save(name, value)
          : this.#change(target === 'names' ? 'names' : name, value);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** ALTER DATABASE … CHARACTER SET: routines and triggers remember what it was when they were made. */
  setDatabase(literal: string): void {
    this.#changed.set('database', { literal });
  }

  /** What is changed now; undefined when it cannot be said in literals. */
  delta(): SessionDelta | undefined {
    const delta: Record<string, string> = {};
    for (const [name, value] of this.#changed) {
      if (typeof value === 'string') return undefined;
      delta[name] = value.literal;
    }
    return delta;
  }

  #save(name: string, value: readonly SqlToken[]): string | undefined {
    const source = variableIn(value);
    if (source?.kind === 'user') {
      this.#saved.set(name, this.#saved.get(source.name) ?? 'first');
    } else if (source?.kind === 'system') {
      this.#saved.set(name, this.#inPreamble ? this.#inPreambleSoFar(source.name) : this.#now(source.name));
    } else {
      const literal = literalOf(value);
      if (literal === undefined) return 'keeps a value that cannot be followed';
      this.#saved.set(name, { literal });
    }
    return undefined;
  }

  /** Without tables the head of a dump runs on into the settings of its first event or routine. */
  #inPreambleSoFar(variable: string): Value {
    const literal = this.#preamble.get(variable);
    return literal === undefined ? 'first' : { literal };
  }

  #now(variable: string): Value {
    return this.#changed.get(variable) ?? 'clean';
  }

  #change(name: string, value: readonly SqlToken[]): string | undefined {
    if (OURS.has(name)) return undefined;
    const source = variableIn(value);
    const literal = source === undefined ? literalOf(value) : undefined;
    if (this.#inPreamble) {
      // The preamble is run as it stands; only what it surely leaves is of use later.
      if (name === 'names' && literal !== undefined) {
        for (const each of ['names', 'character_set_client', 'character_set_results'])
          this.#preamble.set(each, literal);
      } else if (literal !== undefined) this.#preamble.set(name, literal);
      else this.#preamble.delete(name);
      return undefined;
    }
    if (source?.kind === 'system') return 'sets a variable from another one';
    const saved = source === undefined ? undefined : this.#saved.get(source.name);
    if (source !== undefined && (saved === undefined || source.orElse))
      return 'sets a variable to a value that cannot be followed';
    if (source === undefined && literal === undefined) return 'sets a variable to more than a plain value';
    // What only some servers run has one value here and another there.
    const next: Value =
      value.some(({ note }) => note !== 0) && !INDISPENSABLE.has(name)
        ? 'first'
        : (saved ?? { literal: literal ?? '' });
    if (name === 'names' && (typeof next === 'string' || this.#preamble.get('names') !== next.literal))
      return 'sets another charset in the middle';
    const isClean =
      next === 'clean' || (typeof next !== 'string' && this.#preamble.get(name) === next.literal);
    if (isClean) this.#changed.delete(name);
    else this.#changed.set(name, next);
    return undefined;
  }
}

/** As it can be written again; undefined for a string that was too long to be kept whole. */
function literalOf(value: readonly SqlToken[]): string | undefined {
  const [first] = value;
  if (first === undefined || value.length > 2) return undefined;
  if (value.length === 2) return value.map(({ text }) => text).join('');
  if (first.kind === 'string') {
    if (/['"\\]/.test(first.text) || first.end - first.start !== Buffer.byteLength(first.text) + 2)
      return undefined;
    return `'${first.text}'`;
  }
  return first.kind === 'number' || first.kind === 'word' ? first.text : undefined;
}
