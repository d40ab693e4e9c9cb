/** A command line that is being typed, up to the cursor. */
export interface TypedWords {
  /** What stands behind the name of the program, before the word at the cursor; without their quotes. */
  readonly before: readonly string[];
  /** The word at the cursor, as far as it is typed. */
  readonly current: string;
}

/** What bash is about to complete. */
export interface TypedLine extends TypedWords {
  /** As many characters of `current` stay as they are typed; what comes behind them is replaced. */
  readonly kept: number;
  /** The quote that is open at the cursor; undefined: none. */
  readonly quote: Quote | undefined;
}

export type Quote = '"' | "'";

/**
 * Splits a line as bash would. Nothing in it is expanded or run: `$(…)` is seven characters.
 *
 * @param line From the name of the program up to the cursor.
 * @param replaced The end of the line that bash replaces by what it is answered: it begins behind an open quote, or
 *   behind a colon or another of COMP_WORDBREAKS.
 */
export function typedLine(line: string, replaced: string): TypedLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: Quote | undefined;
  let kept = 0;
  const replacedFrom = line.length - replaced.length;
  for (let at = 0; at <= line.length; at += 1) {
    if (at === replacedFrom) kept = word?.length ?? 0;
    const character = line[at];
    if (character === undefined) break;
    const next = line[at + 1];
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && (quote === undefined || (quote === '"' && /[\\"$`]/.test(next ?? '')))) {
      word = (word ?? '') + (next ?? '');
      at += 1;
      if (at === replacedFrom) kept = word.length;
    } else {
      word = (word ?? '') + character;
    }
  }
  return { before: words.slice(1), current: word ?? '', kept, quote };
}
