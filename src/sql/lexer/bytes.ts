/** The bytes that have a meaning in SQL text, whatever its charset: all are below 0x80. */
export const BYTE = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  exclamation: 0x21,
  doubleQuote: 0x22,
  hash: 0x23,
  dollar: 0x24,
  quote: 0x27,
  openParenthesis: 0x28,
  star: 0x2a,
  plus: 0x2b,
  minus: 0x2d,
  point: 0x2e,
  slash: 0x2f,
  semicolon: 0x3b,
  capitalM: 0x4d,
  backslash: 0x5c,
  backtick: 0x60,
  smallX: 0x78,
} as const;

/** Bytes of unquoted words and numbers: letters, digits, `_`, `$` and everything that is not ASCII. */
const WORD = byteSet((byte) => byte >= 0x80 || /[A-Za-z0-9_$]/.test(String.fromCharCode(byte)));

export function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && WORD[byte] === 1;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const HEX = byteSet((byte) => /[0-9A-Fa-f]/.test(String.fromCharCode(byte)));

export function isHexDigit(byte: number): boolean {
  return HEX[byte] === 1;
}

const NUMBER = byteSet((byte) => /[0-9.]/.test(String.fromCharCode(byte)));

/** A digit or the point of a number. */
export function isNumberByte(byte: number | undefined): boolean {
  return byte !== undefined && NUMBER[byte] === 1;
}

/** What a byte starts where rows stand; the reader's inner loop switches on it. */
export const ROW = { plain: 0, digit: 1, quote: 2, newline: 3, letterN: 4, minus: 5, other: 6 } as const;

export const ROW_CLASS = byteTable((byte) => {
  const character = String.fromCharCode(byte);
  if (' \t\r(),+='.includes(character)) return ROW.plain;
  if (isDigit(byte)) return ROW.digit;
  if (character === "'" || character === '"') return ROW.quote;
  if (character === '\n') return ROW.newline;
  if (character === '-') return ROW.minus;
  return character === 'N' || character === 'n' ? ROW.letterN : ROW.other;
});

function byteSet(has: (byte: number) => boolean): Uint8Array {
  return byteTable((byte) => (has(byte) ? 1 : 0));
}

function byteTable(valueOf: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => valueOf(byte));
}
