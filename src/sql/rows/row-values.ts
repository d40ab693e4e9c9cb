// The values that dump tools write among rows.
import { BYTE, isDigit, isHexDigit } from '../lexer/bytes.ts';

/** Among rows stands something else than the values that dump tools write. Nothing of it is said: it may be a row. */
export class NotRowsError extends Error {
  override readonly name = 'NotRowsError';
}

/** What may come next. */
export const NEXT = {
  head: 0,
  row: 1,
  value: 2,
  inString: 3,
  behindString: 4,
  inNumber: 5,
  inExponent: 6,
  inHex: 7,
  behindValue: 8,
  behindRow: 9,
  newline: 10,
} as const;

export const ZERO = 0x30;
const NULL = Buffer.from('NULL');
const BINARY = Buffer.from("_binary '");

/** What has to be seen of `e+7`. */
export const EXPONENT_BYTES = 3;

export function isExponent(bytes: Buffer, at: number): boolean {
  const isSigned = bytes[at + 1] === BYTE.minus || bytes[at + 1] === BYTE.plus;
  return isDigit(bytes[at + (isSigned ? 2 : 1)]);
}

/** How much has to be there of a value to tell what it is; behind each one stands at least `);` and a newline. */
export function seenWhole(first: number): number {
  return first === BINARY[0] ? BINARY.length : first === NULL[0] ? NULL.length : '0x0'.length;
}

/** Of the values that do not begin with a quote or one of the digits from 1 to 9. */
export function nextAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte === ZERO && bytes[at + 1] !== BYTE.smallX) return NEXT.inNumber;
  if (byte === ZERO && isHexDigit(bytes[at + 2] ?? 0)) return NEXT.inHex;
  if (byte === BYTE.minus && isDigit(bytes[at + 1])) return NEXT.inNumber;
  if (begins(bytes, at, NULL)) return NEXT.behindValue;
  if (begins(bytes, at, BINARY)) return NEXT.inString;
  throw new NotRowsError();
}

/** How much of such a value has been seen then; of a number its first byte, which may be a sign. */
export const WIDTH: Readonly<Record<number, number>> = {
  [NEXT.inNumber]: 1,
  [NEXT.inHex]: '0x'.length,
  [NEXT.behindValue]: NULL.length,
  [NEXT.inString]: BINARY.length,
};

function begins(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}
