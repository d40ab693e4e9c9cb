import { type CalendarSpan, NO_SPAN } from '../../../run/time/calendar-span.ts';
import { badValue, type Given } from '../given-text.ts';

/** @returns Infinity for `unlimited`. @throws {DbBackupError} `usage`. */
export function parseKeepCount(given: Given): number {
  if (given.text === 'unlimited') return Infinity;
  // Longer ones would not be exact numbers.
  if (/^\d{1,9}$/.test(given.text)) return Number(given.text);
  throw badValue(given, 'a whole number, or unlimited');
}

const UNITS: Readonly<Record<string, (count: number) => Partial<CalendarSpan>>> = {
  y: (years) => ({ years }),
  mo: (months) => ({ months }),
  w: (weeks) => ({ days: weeks * 7 }),
  d: (days) => ({ days }),
  h: (hours) => ({ hours }),
};

/**
 * `14d`, `6mo`, `1y6mo`: years, months, weeks, days and hours, from the longest to the shortest. `m` is refused: restic
 * means months by it, and other settings of ours minutes.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parseSpan(given: Given): CalendarSpan {
  const takes = 'a time in y, mo, w, d and h, such as 14d, 6mo or 1y6mo (or 0)';
  if (given.text === '0') return NO_SPAN;
  const parts = /^(?:(\d{1,4})y)?(?:(\d{1,4})mo)?(?:(\d{1,4})w)?(?:(\d{1,5})d)?(?:(\d{1,6})h)?$/.exec(
    given.text,
  );
  if (parts === null || given.text === '') {
    const isMonths = /^(?:\d+y)?\d+m(?:\d|$)/.test(given.text);
    throw badValue(
      given,
      takes,
      isMonths ? `for months: ${given.text.replace(/(\d+)m/, '$1mo')}` : undefined,
    );
  }
  return ['y', 'mo', 'w', 'd', 'h'].reduce<CalendarSpan>((span, unit, index) => {
    const count = parts[index + 1];
    const more = count === undefined ? {} : (UNITS[unit]?.(Number(count)) ?? {});
    return { ...span, ...more, days: span.days + (more.days ?? 0) };
  }, NO_SPAN);
}
