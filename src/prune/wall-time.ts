/** What calendar and clock on the wall show at a moment, in one time zone. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  /** East of UTC; when clocks are set back, it tells the second 2 o'clock from the first. */
  readonly offsetMinutes: number;
}

/** @param atMs Since 1970. */
export type WallClock = (atMs: number) => WallTime;

/** The zone of this process (`TZ`), such as `Europe/Berlin`. */
export function localTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const MINUTE_MS = 60_000;
/** Zones differ from UTC by multiples of a quarter of an hour, and change where one begins. */
const STEP_MS = 15 * MINUTE_MS;

/** @throws {RangeError} for a zone that does not exist. */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  // Formatting is slow, and backups are made at the same times.
  const known = new Map<number, WallTime>();
  return (atMs) => {
    const step = Math.floor(atMs / STEP_MS);
    const found = known.get(step) ?? read(format, step * STEP_MS);
    known.set(step, found);
    return found;
  };
}

function read(format: Intl.DateTimeFormat, atMs: number): WallTime {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (format.format(atMs).match(/\d+/g) ?? []).map(
    Number,
  );
  const offsetMinutes = Math.round((Date.UTC(year, month - 1, day, hour, minute) - atMs) / MINUTE_MS);
  return { year, month, day, hour, offsetMinutes };
}
