import type { SessionDelta } from './load-plan.ts';
import { initialValue, type PresetSetting, type SessionPreset } from './session-preset.ts';
import { isServersMode, SERVERS_MODE } from '../settings/servers-mode.ts';
import { readSet, type Assignment } from '../settings/set-assignments.ts';
import { literalOf, type Variable } from '../settings/setting-expression.ts';
import { outcomesOf, systemValue, type Outcome } from '../settings/setting-outcomes.ts';
import { OUR_CHARSET } from '../lexer/client-charset.ts';
import type { SqlToken } from '../lexer/statement.ts';

/**
 * A literal, or an expression of ours over literals and kept values. `initial`: what the variable was before the head of
 * the dump; `clean`: what it was behind it.
 */
type Value = { readonly literal: string } | 'initial' | 'clean' | 'unknown';

/** What a variable held when it was saved. */
interface Held {
  readonly variable: string;
  readonly value: Value;
}

/** Variables that a loader sets as it needs them, whatever the dump says. */
const OURS: ReadonlySet<string> = new Set(['autocommit', 'foreign_key_checks', 'unique_checks', 'sql_notes']);

/**
 * What a database holds after a load is the same whatever these are: a value of them that cannot be determined is left
 * out.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(
  (
    'character_set_results lc_messages sql_warnings note_verbosity sql_quote_show_create sql_safe_updates ' +
    'sql_big_selects big_tables show_gipk_in_create_table_and_information_schema information_schema_stats_expiry ' +
    'max_statement_time max_execution_time net_read_timeout net_write_timeout wait_timeout interactive_timeout ' +
    'innodb_lock_wait_timeout lock_wait_timeout optimizer_switch bulk_insert_buffer_size sort_buffer_size ' +
    'tmp_table_size max_allowed_packet net_buffer_length alter_algorithm'
  ).split(' '),
);

/** Set in comments for MariaDB alone, where rows cannot be loaded without them. */
const INDISPENSABLE: ReadonlySet<string> = new Set(['system_versioning_insert_history']);

/** What SET NAMES sets to the charset that it names. */
const OF_NAMES = /^character_set_(?:client|results|connection)$/;
/** All that it changes. */
const OF_CHARSET = /^(?:character_set_(?:client|results|connection)|collation_connection)$/;

/** Each of them changes the other. */
const OF_CONNECTION: ReadonlyMap<string, string> = new Map([
  ['character_set_connection', 'collation_connection'],
  ['collation_connection', 'character_set_connection'],
]);

/**
 * Follows what a dump's SET statements mean, so that any statement of it can be run out of turn: in a session that was
 * set to `preset`, with `delta` set. None of these statements is run itself.
 *
 * Dump tools change a few variables for each program and set them back from user variables, `SET @saved = @@x`.
 */
export class SessionChanges {
  /** In the order in which they are set. */
  readonly #preset = new Map<string, PresetSetting>();
  readonly #initial = new Set<string>();
  readonly #changed = new Map<string, Value>();
  /** `elsewhere`: on servers that skip the comment in which it was saved. */
  readonly #saved = new Map<string, Record<'here' | 'elsewhere', readonly Outcome<Held>[]>>();
  #inPreamble = true;

  /** The statements from here on are no longer the head of the dump. */
  endPreamble(): void {
    this.#inPreamble = false;
  }

  /** What the head of the dump has set. */
  preset(): SessionPreset {
    return { initial: [...this.#initial], settings: [...this.#preset.values()] };
  }

  /**
   * @param tokens Of a SET statement.
   * @returns why it cannot be followed.
   */
  set(tokens: readonly SqlToken[]): string | undefined {
    const assignments: (readonly [Assignment, readonly Outcome<Held>[]])[] = [];
    for (const part of readSet(tokens)) {
      if (part.kind === 'unsafe') return part.reason;
      if (part.kind === 'assignment') assignments.push([part, this.#outcomesOf(part)]);
    }
    // Servers, too, read all values before they set any variable.
    for (const [assignment, outcomes] of assignments) {
      if (assignment.target === 'user') this.#save(assignment, outcomes);
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

  #save({ name, differs }: Assignment, outcomes: readonly Outcome<Held>[]): void {
    const before = this.#saved.get(name) ?? { here: [{ kind: 'null' }], elsewhere: [] };
    const elsewhere = differs ? [...before.here, ...before.elsewhere] : [];
    this.#saved.set(name, { here: outcomes, elsewhere });
  }

  #outcomesOf({ value, differs }: Assignment): readonly Outcome<Held>[] {
    return outcomesOf(value, {
      of: (variable) => this.#valuesOf(variable, differs),
      replaced: (held, from, to) => {
        const literal = this.#modeText(held);
        if (literal === undefined) return undefined;
        return { ...held, value: { literal: `REPLACE(${literal}, '${from}', '${to}')` } };
      },
    });
  }

  /** @param differs Asked in a comment that only some servers run: those that have run the one in which it was saved. */
  #valuesOf({ kind, name, isGlobal }: Variable, differs: boolean): readonly Outcome<Held>[] {
    if (kind === 'user') {
      const { here, elsewhere } = this.#saved.get(name) ?? { here: [{ kind: 'null' }], elsewhere: [] };
      return differs ? here : [...here, ...elsewhere];
    }
    const global: Value = name === 'sql_mode' ? { literal: SERVERS_MODE } : 'unknown';
    return [systemValue(name, { variable: name, value: isGlobal ? global : this.#now(name) })];
  }

  #now(variable: string): Value {
    // Without tables the head of a dump runs on into the settings of its first event or routine.
    if (this.#inPreamble) return this.#behindHead(variable);
    const other = OF_CONNECTION.get(variable);
    const changesAlong = other !== undefined && this.#changed.has(other);
    return this.#changed.get(variable) ?? (changesAlong ? 'unknown' : 'clean');
  }

  /** What the head of the dump, as far as it was read, leaves. */
  #behindHead(variable: string): Value {
    const set = this.#preset.get(variable);
    if (set !== undefined) return set.optional ? 'unknown' : { literal: set.literal };
    if (!OF_CHARSET.test(variable)) return 'initial';
    const names = this.#preset.get('names');
    const isChangedAlong =
      names !== undefined ||
      [...this.#preset.keys()].some((name) => name === 'charset' || OF_CONNECTION.has(name));
    if (!isChangedAlong) return 'initial';
    return names !== undefined && OF_NAMES.test(variable) ? { literal: names.literal } : 'unknown';
  }

  #change(assignment: Assignment, outcomes: readonly Outcome<Held>[]): string | undefined {
    const { name, differs } = assignment;
    const value = isServersMode(assignment) ? { literal: SERVERS_MODE } : this.#valueOf(name, outcomes);
    if (this.#inPreamble) return this.#changePreset(assignment, value);
    if (name === 'names') return this.#changeNames(value, collationOf(assignment));
    if (name === 'charset') return 'sets another charset in the middle';
    // What only some servers run has one value here and another there.
    const next: Value = differs && !INDISPENSABLE.has(name) ? 'unknown' : value;
    const other = OF_CONNECTION.get(name);
    if (other !== undefined) this.#changed.delete(other); // it goes along
    // Set to its charset, the connection gets that one's own collation, whatever it had.
    const loses = name === 'character_set_connection' && this.#hasCollation();
    const isClean = next === 'clean' || (next !== 'unknown' && isSame(next, this.#behindHead(name)));
    this.#changed.delete(name); // it is set last now
    if (isClean && !loses) return undefined;
    const literal = next === 'unknown' ? undefined : this.#literalOf(name, next);
    if (literal !== undefined) this.#changed.set(name, { literal });
    else if (!WITHOUT_EFFECT.has(name)) this.#changed.set(name, 'unknown');
    return undefined;
  }

  /** Whether the head of the dump leaves another collation than that of the connection's charset. */
  #hasCollation(): boolean {
    return this.#preset.has('collation_connection') || this.#preset.get('names')?.collation !== undefined;
  }

  /** SET NAMES behind the head: what it sets, each for itself. */
  #changeNames(value: Value, collation: string | undefined): string | undefined {
    if (typeof value === 'string') return 'sets another charset in the middle';
    const names = this.#preset.get('names');
    const atFirst = { literal: names?.literal ?? OUR_CHARSET };
    const isAsBehindHead =
      isSame(value, atFirst) &&
      collation === names?.collation &&
      ![...this.#preset.keys()].some((name) => name === 'charset' || OF_CHARSET.test(name));
    for (const name of this.#changed.keys()) if (OF_CHARSET.test(name)) this.#changed.delete(name);
    if (isAsBehindHead) return undefined;
    for (const name of ['character_set_client', 'character_set_results', 'character_set_connection'])
      this.#changed.set(name, value);
    if (collation !== undefined) this.#changed.set('collation_connection', { literal: collation });
    return undefined;
  }

  #changePreset(assignment: Assignment, value: Value): string | undefined {
    const { name, differs } = assignment;
    if (value === 'unknown' || value === 'clean')
      return WITHOUT_EFFECT.has(name) ? undefined : `sets ${name} to a value that cannot be determined`;
    for (const other of this.#preset.keys())
      if (other === name || isReplaced(other, name)) this.#preset.delete(other);
    // What the head sets back to what it was is as if it had never been set; but not what SET NAMES changes, too.
    if (value === 'initial' && !OF_CHARSET.test(name)) return undefined;
    const literal = this.#said(name, value);
    this.#preset.set(name, { name, literal, collation: collationOf(assignment), optional: differs });
    return undefined;
  }

  /** The value that a variable of the dump comes to, when there is only one. */
  #valueOf(variable: string, outcomes: readonly Outcome<Held>[]): Value {
    const [outcome, ...others] = outcomes;
    if (others.length > 0 || outcome === undefined) return 'unknown';
    if (outcome.kind === 'built') return variable === 'sql_mode' ? this.#joined(outcome.parts) : 'unknown';
    if (outcome.kind === 'kept') return this.#keptFor(variable, outcome.origin);
    const literal = outcome.kind === 'constant' ? literalOf(outcome) : undefined;
    return literal === undefined ? 'unknown' : { literal };
  }

  #keptFor(variable: string, { variable: kept, value }: Held): Value {
    if (kept === variable || typeof value !== 'string') return value;
    const other = value === 'clean' ? this.#behindHead(kept) : value;
    if (typeof other !== 'string') return other;
    const isKnown = other === 'initial' && OF_CHARSET.test(kept) && OF_CHARSET.test(variable);
    return isKnown ? { literal: this.#said(kept, 'initial') } : 'unknown';
  }

  #joined(parts: readonly (string | Held)[]): Value {
    const literals = parts.map((part) => (typeof part === 'string' ? `'${part}'` : this.#modeText(part)));
    if (literals.includes(undefined)) return 'unknown';
    const plain = literals.map((literal) => /^'([A-Z0-9_,]*)'$/i.exec(literal ?? '')?.[1]);
    if (!plain.includes(undefined)) return { literal: `'${plain.join('')}'` };
    return { literal: literals.length === 1 ? String(literals[0]) : `CONCAT(${literals.join(', ')})` };
  }

  /** A kept mode, for an expression. */
  #modeText({ variable, value }: Held): string | undefined {
    if (variable !== 'sql_mode') return undefined;
    const literal = this.#literalOf(variable, value);
    return literal !== undefined && /^\w+$/.test(literal) ? `'${literal}'` : literal;
  }

  #literalOf(variable: string, value: Value): string | undefined {
    const known = value === 'clean' ? this.#behindHead(variable) : value;
    return known === 'unknown' || known === 'clean' ? undefined : this.#said(variable, known);
  }

  /** How a statement says it. */
  #said(variable: string, value: Exclude<Value, 'clean' | 'unknown'>): string {
    if (value !== 'initial') return value.literal;
    this.#initial.add(variable);
    return initialValue(variable);
  }
}

function isSame(one: Value, other: Value): boolean {
  return typeof one === 'string' || typeof other === 'string' ? one === other : one.literal === other.literal;
}

/** Whether nothing is left of a setting when another one follows. */
function isReplaced(setting: string, by: string): boolean {
  if (by === 'names' || by === 'charset')
    return setting === 'names' || setting === 'charset' || OF_CHARSET.test(setting);
  return OF_CONNECTION.get(setting) === by;
}

function collationOf({ collation }: Assignment): string | undefined {
  return collation === undefined ? undefined : literalOf(collation);
}
