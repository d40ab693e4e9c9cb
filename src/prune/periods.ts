import type { WallTime } from './wall-time.ts';

/**
 * The rules that count: each keeps the newest backup of each of the last n periods that have one. Two backups are of the
 * same period when this gives the same text for both.
 */
export const PERIODS = {
  /** Each backup is a period. */
  last: (_time: WallTime, name: string): string => name,
  hourly: ({ year, month, day, hour, offsetMinutes }: WallTime): string =>
    `${year}-${month}-${day} ${hour} ${offsetMinutes}`,
  daily: ({ year, month, day }: WallTime): string => `${year}-${month}-${day}`,
  weekly: (time: WallTime): string => isoWeek(time),
  monthly: ({ year, month }: WallTime): string => `${year}-${month}`,
  yearly: ({ year }: WallTime): string => String(year),
} as const satisfies Readonly<Record<string, (time: WallTime, name: string) => string>>;

export type PeriodRule = keyof typeof PERIODS;

export const PERIOD_RULES = Object.keys(PERIODS) as readonly PeriodRule[];

const DAY_MS = 24 * 3_600_000;

/** A week begins on Monday, and belongs to the year that its Thursday is in. */
function isoWeek({ year, month, day }: WallTime): string {
  const at = new Date(Date.UTC(year, month - 1, day));
  const sinceMonday = (at.getUTCDay() + 6) % 7;
  const thursday = new Date(at.getTime() + (3 - sinceMonday) * DAY_MS);
  const weekYear = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${weekYear} week ${week}`;
}
