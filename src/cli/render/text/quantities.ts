import prettyBytes from 'pretty-bytes';

/** `1.34 MB`: decimal, as disks and networks are sold. */
export function sizeText(bytes: number): string {
  return prettyBytes(bytes);
}

/** `3 tables`, `1 table`, `1,204 tables`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** The two greatest units: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))} ms`;
  let rest = Math.round(durationMs / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break; // `1 d 5 s` would suggest a precision nobody needs
    rest -= count * unitMs;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** `2026-11-22 03:00:00 UTC` of an RFC 3339 time; what is no time is shown as it is. */
export function timeText(rfc3339: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return rfc3339;
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How a moment is written. */
export type TimeText = (rfc3339: string) => string;

/** `2026-11-22 04:00:00 +01:00`: local time with its zone; text that is no time is shown as it is. */
export function localTimeText(rfc3339: string): string {
  const at = new Date(rfc3339);
  const minutes = Number.isNaN(at.getTime()) ? 0 : -at.getTimezoneOffset();
  if (minutes === 0) return timeText(rfc3339);
  const wall = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const two = (count: number): string => String(count).padStart(2, '0');
  const offset = `${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${wall} ${minutes < 0 ? '-' : '+'}${offset}`;
}

/** Times are local at a terminal, and UTC in files, pipes and logs, wherever those are read. */
export function chooseTimeText(isTty: boolean): TimeText {
  return isTty ? localTimeText : timeText;
}

/** Turns the times in a message, which are UTC, into local ones for a terminal. */
export function withLocalTimes(text: string): string {
  return text.replace(/\b(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC\b/g, (_, day: string, time: string) =>
    localTimeText(`${day}T${time}Z`),
  );
}

/** `3 h ago`, in the greatest unit; `just now` within a minute and for clocks that disagree. */
export function ageText(rfc3339: string, now: Date): string {
  const ageMs = now.getTime() - new Date(rfc3339).getTime();
  if (Number.isNaN(ageMs)) return '';
  const unit = UNITS.find(([, unitMs]) => ageMs >= Math.max(unitMs, 60_000));
  return unit === undefined ? 'just now' : `${Math.floor(ageMs / unit[1])} ${unit[0]} ago`;
}

/** Never 100: the total is an estimate, and only the end is the end. */
export function percentOf(doneBytes: number, totalBytes: number | undefined): number | undefined {
  if (totalBytes === undefined || totalBytes <= 0) return undefined;
  return Math.min(99, Math.floor((doneBytes * 100) / totalBytes));
}
