import ms, { type StringValue } from 'ms';
import { badValue, type Given } from './given-text.ts';

/** How a threshold is switched off, wherever it was given. */
const NONE = 'none';

/**
 * An age that nothing waits for, so that it may be of years: `26h`, `8d`, `1y`; in milliseconds.
 *
 * @param standard Without a value.
 * @returns undefined for `none`.
 * @throws {DbBackupError} `usage`.
 */
export function parseAge(given: Given | undefined, standard: number | undefined): number | undefined {
  if (given === undefined) return standard;
  if (given.text === NONE) return undefined;
  const takes = `a duration such as 90m, 26h or 8d, or ${NONE}`;
  if (/^\d+(\.\d+)?$/.test(given.text))
    throw badValue(given, takes, `add the unit: ${given.text}h for hours, ${given.text}d for days`);
  const ageMs: unknown = /^\d+(\.\d+)?\s*[a-z]+$/i.test(given.text)
    ? ms(given.text as StringValue)
    : undefined;
  // ms() gives NaN or undefined for what it does not know, whatever its types say.
  if (typeof ageMs !== 'number' || !Number.isFinite(ageMs) || ageMs <= 0) throw badValue(given, takes);
  return Math.round(ageMs);
}

/** `50%` as 0.5. @param standard Without a value. @returns undefined for `none`. @throws as `parseAge`. */
export function parseShare(given: Given | undefined, standard: number | undefined): number | undefined {
  if (given === undefined) return standard;
  if (given.text === NONE) return undefined;
  const takes = `a percentage from 0% to 100%, or ${NONE}`;
  if (/^\d+(\.\d+)?$/.test(given.text)) throw badValue(given, takes, `add the sign: ${given.text}%`);
  const [, percent] = /^(\d+(?:\.\d+)?) ?%$/.exec(given.text) ?? [];
  const share = Number(percent) / 100;
  if (percent === undefined || share > 1) throw badValue(given, takes);
  return share;
}

/** @returns undefined for `none`, and without a value. @throws as `parseAge`. */
export function parseCopies(given: Given | undefined): number | undefined {
  if (given === undefined || given.text === NONE) return undefined;
  const copies = /^\d{1,3}$/.test(given.text) ? Number(given.text) : 0;
  if (copies < 1) throw badValue(given, `a number from 1 to 999, or ${NONE}`);
  return copies;
}
