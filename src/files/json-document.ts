// What we read back from disk may come from any release, or from somebody else: it is checked before use.
// Unknown fields are accepted, because later releases add some. (valibot: it loads in a tenth of zod's time.)
import * as v from 'valibot';
import { quickCheck } from './quick-check.ts';

/**
 * The same as `parse`, for one schema and many documents. What fits is returned itself, not a copy of it.
 */
export function parser<T>(schema: v.GenericSchema<unknown, T>): (content: unknown) => T {
  const fits = quickCheck(schema);
  return (content) => (fits(content) ? (content as T) : parse(schema, content));
}

export function parse<T>(schema: v.GenericSchema<unknown, T>, content: unknown): T {
  const parsed = v.safeParse(schema, content, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'its whole'}: ${issue.message}`);
}

export const text = v.string();
export const someText = v.pipe(text, v.minLength(1));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const time = v.pipe(text, v.isoTimestamp());
