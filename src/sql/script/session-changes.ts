import type { SessionDelta } from './load-plan.ts';
import { isServersMode, SERVERS_MODE } from '../settings/servers-mode.ts';
import { readSet, type Assignment } from '../settings/set-assignments.ts';
import { literalOf, type SettingExpression, type Variable } from '../settings/setting-expression.ts';
import { outcomesOf, systemValue, type Outcome } from '../settings/setting-outcomes.ts';
import type { SqlToken } from '../lexer/statement.ts';

/** A literal; `clean`: as the preamble left it. */
type Value = { readonly literal: string } | 'clean' | 'unknown';

/** What a variable held when it was saved. */
interface Held {
  readonly variable: string;
  readonly value: Value;
}

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
  readonly #saved = new Map<string, readonly Outcome<Held>[]>();
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
    const assignments: (readonly [Assignment, readonly Outcome<Held>[]])[] = [];
    for (const part of readSet(tokens)) {
      if (part.kind === 'unsafe') return part.reason;
      if (part.kind === 'assignment') assignments.push([part, this.#outcomesOf(part.value)]);
    }
    // Servers, too, read all values before they set any variable.
    for (const [assignment, outcomes] of assignments) {
      if (assignment.target === 'user') this.#saved.set(assignment.name, outcomes);
      else if (!OURS.has(assignment.name)) {
        const reason = this.#change(assignment, outcomes);
        if (reason !== undefined) return reason;
      }
    }
    return undefined;
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

  #outcomesOf(value: SettingExpression): readonly Outcome<Held>[] {
    return outcomesOf(value, { of: (variable) => this.#valuesOf(variable), replaced: () => undefined });
  }

  #valuesOf({ kind, name, isGlobal }: Variable): readonly Outcome<Held>[] {
    if (kind === 'user') return this.#saved.get(name) ?? [{ kind: 'null' }];
    const value = this.#inPreamble ? this.#inPreambleSoFar(name) : this.#now(name);
    return [systemValue(name, { variable: name, value: isGlobal ? 'unknown' : value })];
  }

  /** Without tables the head of a dump runs on into the settings of its first event or routine. */
  #inPreambleSoFar(variable: string): Value {
    const literal = this.#preamble.get(variable);
    return literal === undefined ? 'unknown' : { literal };
  }

  #now(variable: string): Value {
    return this.#changed.get(variable) ?? 'clean';
  }

  #change(assignment: Assignment, outcomes: readonly Outcome<Held>[]): string | undefined {
    const { name, differs } = assignment;
    const value = isServersMode(assignment) ? { literal: SERVERS_MODE } : valueOf(name, outcomes);
    const literal = typeof value === 'string' ? undefined : value.literal;
    if (this.#inPreamble) {
      // The preamble is run as it stands; only what it surely leaves is of use later.
      if (name === 'names' && literal !== undefined) {
        for (const each of ['names', 'character_set_client', 'character_set_results'])
          this.#preamble.set(each, literal);
      } else if (literal !== undefined) this.#preamble.set(name, literal);
      else this.#preamble.delete(name);
      return undefined;
    }
    // What only some servers run has one value here and another there.
    const next: Value = differs && !INDISPENSABLE.has(name) ? 'unknown' : value;
    if (name === 'names' && (typeof next === 'string' || this.#preamble.get('names') !== next.literal))
      return 'sets another charset in the middle';
    const isClean =
      next === 'clean' || (typeof next !== 'string' && this.#preamble.get(name) === next.literal);
    if (isClean) this.#changed.delete(name);
    else this.#changed.set(name, next);
    return undefined;
  }
}

function valueOf(variable: string, outcomes: readonly Outcome<Held>[]): Value {
  const [outcome, ...others] = outcomes;
  if (others.length > 0 || outcome === undefined) return 'unknown';
  if (outcome.kind === 'kept') {
    const { origin } = outcome;
    return origin.value === 'clean' && origin.variable !== variable ? 'unknown' : origin.value;
  }
  const literal = outcome.kind === 'constant' ? literalOf(outcome) : undefined;
  return literal === undefined ? 'unknown' : { literal };
}
