import stringWidth from 'string-width';

const GAP = '  ';
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/**
 * Aligned columns without borders, two spaces apart, each line ended; widths count what a terminal shows (colours
 * nothing, wide characters two).
 *
 * Not a table library: cli-table3 takes half a second for a thousand rows.
 */
export function columns(
  rows: readonly (readonly string[])[],
  options: { readonly rightAligned?: readonly number[] } = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, shownWidth(cell));
  }
  const pad = (cell: string, index: number): string => {
    const space = ' '.repeat((widths[index] ?? 0) - shownWidth(cell));
    return options.rightAligned?.includes(index) === true ? space + cell : cell + space;
  };
  return rows.map((row) => `${row.map(pad).join(GAP).trimEnd()}\n`).join('');
}

function shownWidth(text: string): number {
  return PLAIN_ASCII.test(text) ? text.length : stringWidth(text);
}

/** The first text whose lines all fit; the last one where none does. */
export function firstThatFits(texts: readonly [string, ...string[]], width: number): string {
  const fits = (text: string): boolean => text.split('\n').every((line) => shownWidth(line) <= width);
  return texts.find(fits) ?? texts.at(-1) ?? '';
}
