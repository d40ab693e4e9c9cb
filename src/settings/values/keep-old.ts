import { DbBackupError } from '../../run/errors.ts';
import { parseDuration } from './duration.ts';
import { badValue, type Given } from './given-text.ts';

const DEFAULT_MS = 24 * 3600 * 1000;

/**
 * How long previous tables are kept, in milliseconds: the default where no duration is given with it.
 *
 * @returns undefined when it was not given.
 * @throws {DbBackupError} `usage`.
 */
export function parseKeepOld(given: Given | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (given.text === '' || given.text === 'true') return DEFAULT_MS;
  try {
    return parseDuration(given);
  } catch (error) {
    // `restore --keep-old shop/latest`: the backup is taken for the duration.
    if (!(error instanceof DbBackupError) || /^[\d.]/.test(given.text)) throw error;
    throw badValue(
      given,
      'a duration such as 2h, 1d (or 0), or nothing',
      'Put --keep-old behind the backup, or write --keep-old=24h.',
    );
  }
}
