/** A span of time as people give it: a month is a month, however many days it has. */
export interface CalendarSpan {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

export const NO_SPAN: CalendarSpan = { years: 0, months: 0, days: 0, hours: 0 };

export function isNoSpan({ years, months, days, hours }: CalendarSpan): boolean {
  return years + months + days + hours === 0;
}

const HOUR_MS = 3_600_000;

/** That much earlier, by the calendar in UTC: a month before 31 March is the last day of February. */
export function before(at: Date, { years, months, days, hours }: CalendarSpan): Date {
  const year = at.getUTCFullYear() - years;
  const month = at.getUTCMonth() - months;
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(year, month + 1, 0);
  const moved = new Date(at);
  moved.setUTCFullYear(year, month, Math.min(at.getUTCDate(), lastDay.getUTCDate()));
  return new Date(moved.getTime() - (days * 24 + hours) * HOUR_MS);
}

/** `1y6mo14d`, as it is given. */
export function spanText({ years, months, days, hours }: CalendarSpan): string {
  const parts = [
    [years, 'y'],
    [months, 'mo'],
    [days, 'd'],
    [hours, 'h'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0';
}
