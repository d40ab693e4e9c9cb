import { badValue, type Given } from './given-text.ts';

/**
 * How many at most; undefined: all.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parseLimit(given: Given | undefined): number | undefined {
  if (given === undefined) return undefined;
  const limit = Number(given.text);
  if (/^\d+$/.test(given.text) && Number.isSafeInteger(limit) && limit > 0) return limit;
  throw badValue(given, 'a whole number from 1 on');
}
