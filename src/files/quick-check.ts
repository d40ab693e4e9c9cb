import type * as v from 'valibot';

type Check = (value: unknown) => boolean;

/** The schemas that are checked here; all others judge themselves. */
type Known =
  | v.LooseObjectSchema<v.ObjectEntries, undefined>
  | v.RecordSchema<v.BaseSchema<string, string, v.BaseIssue<unknown>>, v.GenericSchema, undefined>
  | v.ArraySchema<v.GenericSchema, undefined>
  | v.OptionalSchema<v.GenericSchema, undefined>
  | v.NullableSchema<v.GenericSchema, undefined>
  | v.StringSchema<undefined>;

/**
 * A check of what a schema takes, in a tenth of the schema's own time: it makes no copy and gives no reason. For
 * schemas that change no value (no transformation, no default), and values from JSON.
 *
 * @returns a check that accepts nothing that the schema refuses. What it does not accept, the schema has to judge.
 */
export function quickCheck(schema: v.GenericSchema): Check {
  const ownVerdict: Check = (value) => schema['~run']({ value }, {}).issues === undefined;
  if ('pipe' in schema) return ownVerdict;
  const known = schema as Known;
  switch (known.type) {
    case 'loose_object':
      return objectCheck(known.entries);
    case 'record': {
      const isKey = quickCheck(known.key);
      const isValue = quickCheck(known.value);
      return (value) =>
        isPlainObject(value) &&
        Object.entries(value).every(([key, item]) => !LEFT_OUT.has(key) && isKey(key) && isValue(item));
    }
    case 'array': {
      const isItem = quickCheck(known.item);
      return (value) => Array.isArray(value) && value.every((item) => isItem(item));
    }
    case 'optional':
      return quickCheck(known.wrapped);
    case 'nullable': {
      const check = quickCheck(known.wrapped);
      return (value) => value === null || check(value);
    }
    case 'string':
      return (value) => typeof value === 'string';
    default:
      return ownVerdict;
  }
}

/** Names that valibot copies into no object. */
const LEFT_OUT: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

function objectCheck(entries: v.ObjectEntries): Check {
  const fields = Object.entries(entries).map(([key, schema]) => ({
    key,
    isOptional: schema.type === 'optional',
    check: quickCheck(schema),
  }));
  return (value) => {
    if (!isPlainObject(value)) return false;
    for (const field of fields) {
      const content = value[field.key];
      if (content === undefined ? !field.isOptional : !field.check(content)) return false;
    }
    return true;
  };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
