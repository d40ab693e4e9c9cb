import type { SettingExpression, Variable } from './setting-expression.ts';

type Constant = Extract<SettingExpression, { kind: 'constant' }>;

/** One thing that an expression may come to. `kept`: what a variable held; `built`: a text with such values in it. */
export type Outcome<Origin> =
  | Constant
  | { readonly kind: 'null' }
  | { readonly kind: 'unknown' }
  | Kept<Origin>
  | { readonly kind: 'built'; readonly parts: readonly (string | Origin)[] };

interface Kept<Origin> {
  readonly kind: 'kept';
  readonly origin: Origin;
  readonly mayBeNull: boolean;
}

export interface Values<Origin> {
  /** All that a variable may hold. */
  readonly of: (variable: Variable) => readonly Outcome<Origin>[];
  /** What is left of such a value by REPLACE; undefined when that is not known. */
  readonly replaced: (origin: Origin, from: string, to: string) => Origin | undefined;
}

const UNKNOWN = [{ kind: 'unknown' }] as const;
const NULL = [{ kind: 'null' }] as const;

/** Of more than these it is not worth to think. */
const MOST_OUTCOMES = 16;

/** Of other system variables it is not known that they are not NULL. */
const NEVER_NULL =
  /^(?:sql_mode|time_zone|sql_notes|autocommit|(?:foreign_key|unique)_checks|character_set_client|collation_connection)$/;

/** What a system variable holds. */
export function systemValue<Origin>(name: string, origin: Origin): Kept<Origin> {
  return { kind: 'kept', origin, mayBeNull: !NEVER_NULL.test(name) };
}

/** All that an expression may come to; where servers or modes differ, more than one. */
export function outcomesOf<Origin>(
  expression: SettingExpression,
  values: Values<Origin>,
): readonly Outcome<Origin>[] {
  const outcomes = evaluate(expression, values);
  return outcomes.length > MOST_OUTCOMES ? UNKNOWN : outcomes;
}

function evaluate<Origin>(expression: SettingExpression, values: Values<Origin>): readonly Outcome<Origin>[] {
  switch (expression.kind) {
    case 'constant':
      return [expression];
    case 'null':
      return NULL;
    case 'variable':
      return values.of(expression.variable);
    case 'is-null': // of use as a condition alone
      return UNKNOWN;
    case 'call': {
      const { name, operands } = expression;
      const [first, second, third] = operands;
      if (name === 'if') {
        if (first === undefined || second === undefined || third === undefined) return UNKNOWN;
        return whichOf(first, values).flatMap((isTrue) => outcomesOf(isTrue ? second : third, values));
      }
      if (name === 'concat') return joined(operands, values);
      if (name === 'replace') return replaced(operands, values);
      return firstNotNull(operands, values);
    }
  }
}

function whichOf<Origin>(condition: SettingExpression, values: Values<Origin>): readonly boolean[] {
  if (condition.kind === 'is-null') {
    const { operand, negated } = condition;
    const found = new Set(outcomesOf(operand, values).flatMap(canBeNull));
    return [...found].map((isNull) => isNull !== negated);
  }
  const isTrue =
    condition.kind === 'constant' &&
    (condition.type === 'word' ? condition.text === 'true' : /^[1-9]\d*$/.test(condition.text ?? ''));
  const isFalse =
    condition.kind === 'constant' &&
    condition.type !== 'string' &&
    /^(?:0|false)$/.test(condition.text ?? '');
  return isTrue ? [true] : isFalse ? [false] : [true, false];
}

function firstNotNull<Origin>(
  [first, ...others]: readonly SettingExpression[],
  values: Values<Origin>,
): readonly Outcome<Origin>[] {
  if (first === undefined) return NULL;
  if (others.length === 0) return outcomesOf(first, values);
  return outcomesOf(first, values).flatMap((outcome) =>
    canBeNull(outcome).flatMap((isNull) => (isNull ? firstNotNull(others, values) : [outcome])),
  );
}

/** MariaDB has a mode in which an empty string is NULL. */
function canBeNull<Origin>(outcome: Outcome<Origin>): readonly boolean[] {
  switch (outcome.kind) {
    case 'null':
      return [true];
    case 'kept':
      return outcome.mayBeNull ? [true, false] : [false];
    case 'constant':
      return outcome.text === '' ? [true, false] : [false];
    case 'unknown':
    case 'built':
      return [true, false];
  }
}

function joined<Origin>(
  operands: readonly SettingExpression[],
  values: Values<Origin>,
): readonly Outcome<Origin>[] {
  let texts: (readonly (string | Origin)[])[] = [[]];
  for (const operand of operands) {
    const next: (readonly (string | Origin)[])[] = [];
    for (const outcome of outcomesOf(operand, values)) {
      const parts = partsOf(outcome);
      if (parts === undefined) return UNKNOWN; // NULL, too: in Oracle's mode it is left out
      for (const text of texts) next.push([...text, ...parts]);
    }
    texts = next;
    if (texts.length > MOST_OUTCOMES) return UNKNOWN;
  }
  return texts.map(built);
}

/** The text of an outcome; undefined when it is not known. */
function partsOf<Origin>(outcome: Outcome<Origin>): readonly (string | Origin)[] | undefined {
  switch (outcome.kind) {
    case 'constant':
      return outcome.type === 'string' && outcome.text !== undefined ? [outcome.text] : undefined;
    case 'kept':
      return outcome.mayBeNull ? undefined : [outcome.origin];
    case 'built':
      return outcome.parts;
    case 'null':
    case 'unknown':
      return undefined;
  }
}

function built<Origin>(parts: readonly (string | Origin)[]): Outcome<Origin> {
  if (parts.every((part) => typeof part === 'string'))
    return { kind: 'constant', type: 'string', text: parts.join('') };
  const merged: (string | Origin)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return { kind: 'built', parts: merged };
}

function replaced<Origin>(
  [subject, ...others]: readonly SettingExpression[],
  values: Values<Origin>,
): readonly Outcome<Origin>[] {
  const [from, to] = others.map((operand) =>
    operand.kind === 'constant' && operand.type === 'string' ? operand.text : undefined,
  );
  // An empty string may be NULL, and so the result.
  if (subject === undefined || from === undefined || to === undefined || from === '') return UNKNOWN;
  return outcomesOf(subject, values).map((outcome): Outcome<Origin> => {
    const parts = partsOf(outcome);
    if (parts === undefined || (parts.length > 1 && from.includes(','))) return { kind: 'unknown' };
    const left: (string | Origin)[] = [];
    for (const part of parts) {
      const next =
        typeof part === 'string' ? part.replaceAll(from, () => to) : values.replaced(part, from, to);
      if (next === undefined) return { kind: 'unknown' };
      left.push(next);
    }
    return built(left);
  });
}
