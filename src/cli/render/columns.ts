import stringWidth from 'fast-string-width'; // string-width takes 15 ms to load

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
  const cellWidths = rows.map((row) => row.map(shownWidth));
  const widths: number[] = [];
  for (const row of cellWidths) {
    for (const [index, width] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width);
  }
  const line = (row: readonly string[], rowIndex: number): string => {
    const cells = row.map((cell, index) => {
      const space = ' '.repeat((widths[index] ?? 0) - (cellWidths[rowIndex]?.[index] ?? 0));
      return options.rightAligned?.includes(index) === true ? space + cell : cell + space;
    });
    return `${cells.join(GAP).trimEnd()}\n`;
  };
  return rows.map(line).join('');
}

function shownWidth(text: string): number {
  return PLAIN_ASCII.test(text) ? text.length : stringWidth(text);
}

/** What the wide form gives, when all its lines fit; else the narrow form, which is not made before. */
export function firstThatFits(wide: () => string, narrow: () => string, width: number): string {
  const text = wide();
  return text.split('\n').every((line) => shownWidth(line) <= width) ? text : narrow();
}
