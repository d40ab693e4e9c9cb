import ms, { type StringValue } from 'ms';
import { badValue, type Given } from './given-text.ts';

/** The longest that a timer can be set for: 2^31 − 1 ms. */
const LONGEST_MS = 2_147_483_647;

/**
 * `90s`, `30m`, `1.5h` in milliseconds. A bare number is refused, because tools disagree on its unit; `0` needs none.
 *
 * @param unlimited The word for "no limit", where the setting has one.
 * @returns undefined for that word, or when nothing was given.
 * @throws {DbBackupError} `usage`.
 */
export function parseDuration(given: Given | undefined, unlimited?: string): number | undefined {
  if (given === undefined || given.text === unlimited) return undefined;
  const takes = `a duration such as 90s, 30m or 2h${unlimited === undefined ? ' (or 0)' : `, or ${unlimited}`}`;
  if (unlimited === undefined && given.text === '0') return 0;
  if (/^\d+(\.\d+)?$/.test(given.text)) {
    throw badValue(given, takes, `add the unit: ${given.text}s for seconds, ${given.text}m for minutes`);
  }
  const durationMs = /^\d+(\.\d+)?\s*[a-z]+$/i.test(given.text) ? parse(given.text) : undefined;
  if (durationMs === undefined || (unlimited !== undefined && durationMs === 0)) throw badValue(given, takes);
  if (durationMs > LONGEST_MS) throw badValue(given, 'at most 24 days');
  return Math.round(durationMs);
}

/** ms() gives NaN or undefined for what it does not know, whatever its types say. */
function parse(text: string): number | undefined {
  const value: unknown = ms(text as StringValue);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
