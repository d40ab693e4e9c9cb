/**
 * Makes a name harmless to print: control characters, escape sequences and characters that change the writing
 * direction are shown as `\n`, `\x1b`, `\u202e`. Names of databases and files may hold all of them, and a terminal
 * would obey.
 */
export function safeText(text: string): string {
  return text.replace(DANGEROUS, shown);
}

/** The same for a text of several lines: line ends and tabs stay. */
export function safeLines(text: string): string {
  return text.replace(DANGEROUS, (character) => (/[\n\t]/.test(character) ? character : shown(character)));
}

/** C0, DEL and C1; line and paragraph separators; bidirectional controls. */
const DANGEROUS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function shown(character: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (named !== undefined) return named;
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
