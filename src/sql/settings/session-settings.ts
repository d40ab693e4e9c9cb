import { REMOTE_ENGINE } from '../definitions/engines.ts';
import { OUR_CHARSET } from '../lexer/client-charset.ts';
import { assignmentsIn, DIFFERS, readSet, type Assignment } from './set-assignments.ts';
import type { Verdict } from '../guard/verdict.ts';
import type { Variable } from './setting-expression.ts';
import { outcomesOf, systemValue, type Outcome, type Values } from './setting-outcomes.ts';
import {
  DEFAULT_MODE,
  isSameMode,
  joinedMode,
  keepsQuoting,
  modeNamed,
  type SqlMode,
} from '../lexer/sql-modes.ts';
import { serversModeIn, SERVERS_MODE } from './servers-mode.ts';
import type { SqlToken } from '../lexer/statement.ts';

/** What a SET statement does. */
export type SettingVerdict = Extract<Verdict, { kind: 'fine' | 'changed' | 'left-out' | 'unsafe' }>;

/**
 * In these charsets a byte of a character may look like a backslash or a quote: clients and server would disagree.
 */
const AMBIGUOUS_CHARSET = /^(?:gbk|gb18030|big5|sjis|cp932|ucs2|utf16|utf16le|utf32|filename)(?:_|$)/;

/** System variables of which a dump sets back what changes how it is read. */
const READ_BACK = /^(?:sql_mode|character_set|collation)/;

/** What a variable held when it was saved. */
interface Saved {
  readonly variable: string;
  /** Of `sql_mode`: how text is read in it. */
  readonly mode: SqlMode | undefined;
  /** Of `character_set_client`: which it was. */
  readonly charset: string | undefined;
}

/** Follows what a dump sets in its session, as far as it changes how the rest of the dump reads. */
export class SessionSettings {
  #mode = DEFAULT_MODE;
  #charset = OUR_CHARSET;
  /** All that user variables may hold; NULL those that are not here. */
  #saved: ReadonlyMap<string, readonly Outcome<Saved>[]> = new Map();

  get mode(): SqlMode {
    return this.#mode;
  }

  /** That of the client, in lower case. */
  get charset(): string {
    return this.#charset;
  }

  /** @param tokens Of the whole statement, `SET` included. */
  apply(tokens: readonly SqlToken[]): SettingVerdict {
    const parts = readSet(tokens);
    const unsafe = parts.find(({ kind }) => kind === 'unsafe');
    if (unsafe?.kind === 'unsafe') return unsafe;
    const leftOut = parts.find(({ kind }) => kind === 'left-out');
    if (leftOut?.kind === 'left-out') {
      return parts.every(({ kind }) => kind === 'left-out')
        ? leftOut
        : { kind: 'unsafe', reason: 'combines settings that must be ignored with others' };
    }
    // Servers read all values before they set any variable.
    const values = this.#values();
    const saved = new Map(this.#saved);
    for (const assignment of assignmentsIn(tokens)) {
      const outcomes = outcomesOf(assignment.value, values);
      const reason =
        assignment.target === 'user' ? save(saved, assignment, outcomes) : this.#set(assignment, outcomes);
      if (reason !== undefined) return { kind: 'unsafe', reason };
    }
    this.#saved = saved;
    const edits = serversModeIn(assignmentsIn(tokens)).map((range) => ({
      ...range,
      replacement: SERVERS_MODE,
    }));
    return edits.length === 0
      ? { kind: 'fine' }
      : {
          kind: 'changed',
          edits,
          told: 'never',
          reason: "sql_mode: the server's own, without the modes that change quoting",
        };
  }

  #values(): Values<Saved> {
    const [mode, charset, saved] = [this.#mode, this.#charset, this.#saved];
    return {
      of: (variable) =>
        variable.kind === 'user'
          ? (saved.get(variable.name) ?? [{ kind: 'null' }])
          : [systemValue(variable.name, savedOf(variable, mode, charset))],
      replaced: ({ mode }, from, to) =>
        keepsQuoting(from, to) ? { variable: '', mode, charset: undefined } : undefined,
    };
  }

  #set({ target, name, differs }: Assignment, outcomes: readonly Outcome<Saved>[]): string | undefined {
    if (target === 'names' || name === 'character_set_client') {
      if (differs) return DIFFERS;
      for (const outcome of outcomes) {
        const reason = whyNotCharset(outcome);
        if (reason !== undefined) return reason;
      }
      const [charset = this.#charset] = outcomes.flatMap((outcome) => charsetOf(outcome) ?? []);
      this.#charset = charset;
      return undefined;
    }
    if (/storage_engine|table_type/.test(name)) return whyNotEngine(outcomes);
    if (name !== 'sql_mode') return undefined;
    if (differs) return DIFFERS;
    // Servers refuse NULL, which ends the load.
    const taken = outcomes.filter(({ kind }) => kind !== 'null');
    if (taken.length === 0) return undefined;
    const [first, ...others] = taken.map(modeOf);
    const isKnown =
      first !== undefined && others.every((other) => other !== undefined && isSameMode(first, other));
    if (!isKnown) return 'sets sql_mode to a value that cannot be determined';
    this.#mode = first;
    return undefined;
  }
}

function modeOf(outcome: Outcome<Saved>): SqlMode | undefined {
  switch (outcome.kind) {
    case 'kept':
      return outcome.origin.mode;
    case 'built':
      return builtMode(outcome.parts);
    case 'constant':
      if (outcome.type === 'word' && outcome.text === 'default') return DEFAULT_MODE; // see `SERVERS_MODE`
      return outcome.type === 'number' ? undefined : modeNamed(outcome.text ?? ' ');
    case 'null':
    case 'unknown':
      return undefined;
  }
}

function save(
  saved: Map<string, readonly Outcome<Saved>[]>,
  { name, differs }: Assignment,
  outcomes: readonly Outcome<Saved>[],
): string | undefined {
  const charset = outcomes.map(textOf).find((text) => text !== undefined && AMBIGUOUS_CHARSET.test(text));
  if (charset !== undefined) return ambiguous(charset);
  if (!differs) {
    saved.set(name, outcomes);
    return undefined;
  }
  if (!outcomes.every((outcome) => outcome.kind === 'null' || isOther(outcome))) return DIFFERS;
  saved.set(name, [...outcomes, ...(saved.get(name) ?? [{ kind: 'null' }])]);
  return undefined;
}

/** The value of a variable that has no part in how the dump is read. */
function isOther(outcome: Outcome<Saved>): boolean {
  return outcome.kind === 'kept' && !READ_BACK.test(outcome.origin.variable);
}

/** Of a system variable, with what is at hand. */
function savedOf({ name, isGlobal }: Variable, mode: SqlMode, charset: string): Saved {
  const ownMode = isGlobal ? DEFAULT_MODE : mode;
  return {
    variable: isGlobal ? `global ${name}` : name,
    mode: name === 'sql_mode' ? ownMode : undefined,
    charset: name === 'character_set_client' && !isGlobal ? charset : undefined,
  };
}

function builtMode(parts: readonly (string | Saved)[]): SqlMode | undefined {
  const modes: SqlMode[] = [];
  for (const [index, part] of parts.entries()) {
    // A name must not reach from one part into the next.
    const isApart =
      typeof part !== 'string' ||
      ((index === 0 || /^(?:,|$)/.test(part)) && (index === parts.length - 1 || /(?:^|,)$/.test(part)));
    const mode = typeof part === 'string' ? modeNamed(part) : part.mode;
    if (mode === undefined || !isApart || (index > 0 && typeof part === typeof parts[index - 1]))
      return undefined;
    modes.push(mode);
  }
  return joinedMode(modes);
}

function whyNotCharset(outcome: Outcome<Saved>): string | undefined {
  const text = textOf(outcome);
  if (text === 'default')
    return "sets the server's own charset, in which a backslash may be half a character";
  if (text !== undefined && AMBIGUOUS_CHARSET.test(text)) return ambiguous(text);
  const isKnown =
    text === undefined
      ? outcome.kind === 'null' ||
        (outcome.kind === 'kept' && outcome.origin.variable === 'character_set_client')
      : outcome.kind === 'constant' && outcome.type !== 'number' && /^\w+$/.test(text);
  return isKnown ? undefined : 'sets a charset that cannot be determined';
}

function charsetOf(outcome: Outcome<Saved>): string | undefined {
  return outcome.kind === 'kept' ? outcome.origin.charset : textOf(outcome);
}

function whyNotEngine(outcomes: readonly Outcome<Saved>[]): string | undefined {
  for (const outcome of outcomes) {
    const engine = textOf(outcome);
    if (engine !== undefined && REMOTE_ENGINE.test(engine))
      return `makes ${engine}, which stores rows elsewhere, the default engine`;
    if (engine === undefined && outcome.kind !== 'kept' && outcome.kind !== 'null')
      return 'sets the default engine to a value that cannot be determined';
  }
  return undefined;
}

function textOf(outcome: Outcome<Saved>): string | undefined {
  return outcome.kind === 'constant' ? outcome.text?.toLowerCase() : undefined;
}

function ambiguous(charset: string): string {
  return `uses the charset ${charset}, in which clients and servers may see quotes in different places`;
}
