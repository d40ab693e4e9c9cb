/**
 * The statement that makes a table or sequence, in the text of its section, without its end.
 *
 * @param section As far as it was read; the statement ends a line.
 * @returns undefined: its end is not in it.
 */
export function dumpedDefinition(section: string): string | undefined {
  const start = section.search(/^CREATE /m);
  const end = start < 0 ? -1 : section.indexOf(';\n', start);
  return end < 0 ? undefined : section.slice(start, end);
}
