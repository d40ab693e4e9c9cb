import { badValue, type Given } from '../given-text.ts';

/**
 * The end of a day in local time, or a moment with its zone.
 *
 * @throws {DbBackupError} `usage` for what is no date.
 */
export function parseUntil(given: Given): Date {
  const takes = 'a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z';
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(given.text);
  if (day !== null) {
    const [year = 0, month = 0, date = 0] = day.slice(1).map(Number);
    const end = new Date(year, month - 1, date, 23, 59, 59, 999);
    if (end.getMonth() !== month - 1 || end.getDate() !== date) throw badValue(given, takes);
    return end;
  }
  const at = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(given.text) ? given.text : NaN);
  if (Number.isNaN(at.getTime())) throw badValue(given, takes);
  return at;
}
