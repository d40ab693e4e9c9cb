import { shownWidth } from './columns.ts';

/** A command or a statement, which is never broken, so that it can be copied. */
const TYPED =
  /^(?:[\w./-]*dbbackup|npx|sudo|rm|chmod|chown|mysql\w*|mariadb\w*|[A-Z]{3,} [A-Z`'"@*(])(?![a-z])|;$/;

/** Narrower than this there would be one word per line. */
const NARROWEST = 20;

/**
 * Breaks prose at blanks, so that it fits a terminal; lines to type stay as they are, however long.
 *
 * @param width Of the whole line, without its end.
 * @returns lines; those that continue a broken one are indented like it.
 */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  // eslint-disable-next-line no-control-regex -- painted text begins with an escape sequence
  const bare = line.slice(indent.length).replaceAll(/\u001b\[[0-9;]*m/g, '');
  if (TYPED.test(bare)) return line;
  return brokenLine(line, indent, width);
}

function brokenLine(line: string, indent: string, width: number, narrowest = NARROWEST): string {
  if (shownWidth(line) <= width) return line;
  const room = Math.max(narrowest, width - indent.length);
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(indent.length).split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && shownWidth(longer) > room) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return [...lines, current].map((each) => indent + each).join('\n');
}

/** Prose alone, one line of it, whatever it begins with: `mariadb-dump 10.11 fits the server.` is no command. */
export function wrappedProse(line: string, width: number, narrowest = NARROWEST): readonly string[] {
  return brokenLine(line, '', width, narrowest).split('\n');
}

/** Rows of a name and a text of one line, whose further lines stand below its first. */
export function wrappedRows(
  rows: readonly (readonly [name: string, text: string])[],
  width: number,
): readonly (readonly [string, string])[] {
  const left = Math.max(...rows.map(([name]) => shownWidth(name))) + 2;
  return rows.flatMap(([name, text]) =>
    wrappedProse(text, width - left).map((line, index) => [index === 0 ? name : '', line] as const),
  );
}
