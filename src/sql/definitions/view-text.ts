import { quoteName } from './quote-name.ts';

/** Strings and names as they are, words, signs; comments of versions are only around what matters, or none. */
const TOKEN =
  /\/\*M?!?\d*|\*\/|'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`]|``)*`|[\w$@\u0080-\uffff]+|\S/g;

/**
 * What a view selects, without how it is written: the words behind its name, one behind the other.
 *
 * Parentheses are left out: servers set them anew when a view is made by what they print of one, as they do around a
 * join by comma.
 *
 * @param databases What its database is called, and was: servers put that in front where a view reads another one, too.
 */
export function wordsOfView(create: string, databases: readonly string[] = []): readonly string[] {
  const words = (create.match(TOKEN) ?? []).filter((word) => !/^(?:\/\*M?!?\d*|\*\/|[();])$/.test(word));
  const view = words.findIndex((word) => /^view$/i.test(word));
  const own = new Set(databases.map(quoteName));
  const isOwn = (word: string | undefined): boolean => word !== undefined && own.has(word);
  return words.slice(view + 2).filter((word, index, all) => {
    const isName = isOwn(word) && all[index + 1] === '.';
    const isPoint = word === '.' && isOwn(all[index - 1]);
    return !isName && !isPoint;
  });
}

export function sameWords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}
