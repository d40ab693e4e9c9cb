import type { Quote } from './typed-words.ts';

/** What a terminal would obey: control characters, other line ends, changes of the writing direction. */
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * Text as bash has to be given it on a command line, so that it is one word that means just this.
 *
 * @param quote The quote that is open where it is inserted; bash closes it.
 */
export function quoteForBash(text: string, quote: Quote | undefined): string {
  return Array.from(text, (character) => quoted(character, quote)).join('');
}

function quoted(character: string, quote: Quote | undefined): string {
  if (CONTROL.test(character)) return outside(ansiC(character), quote);
  if (quote === "'") return character === "'" ? `'\\''` : character;
  // Between double quotes bash looks for its history even behind a backslash, and leaves the backslash there.
  if (quote === '"') return character === '!' ? outside("'!'", quote) : character.replace(/[\\"$`]/, '\\$&');
  return /[\w@%+=,./\u00a0-\uffff-]/.test(character) || character.length > 1 ? character : `\\${character}`;
}

/** Closes the quote for this, and opens it again. */
function outside(text: string, quote: Quote | undefined): string {
  return quote === undefined ? text : `${quote}${text}${quote}`;
}

function ansiC(character: string): string {
  const bytes = Array.from(
    new TextEncoder().encode(character),
    (byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes.join('')}'`;
}
