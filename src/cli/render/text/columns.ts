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
  options: {
    readonly rightAligned?: readonly number[];
    /** Where the table would be wider than this, the texts of one column are cut out in their middle. */
    readonly fit?: undefined | { readonly width: number; readonly column: number };
  } = {},
): string {
  if (options.fit !== undefined) return columns(fitted(rows, options.fit), { ...options, fit: undefined });
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

export function shownWidth(text: string): number {
  return PLAIN_ASCII.test(text) ? text.length : stringWidth(text);
}

/** At least this much of a text is kept. */
const SHORTEST = 12;

function fitted(
  rows: readonly (readonly string[])[],
  { width, column }: { readonly width: number; readonly column: number },
): readonly (readonly string[])[] {
  const widest = (index: number): number => Math.max(...rows.map((row) => shownWidth(row[index] ?? '')));
  const count = Math.max(...rows.map((row) => row.length));
  const others = Array.from({ length: count }, (_, index) => (index === column ? 0 : widest(index)));
  const room = Math.max(SHORTEST, width - others.reduce((sum, each) => sum + each + GAP.length, -GAP.length));
  return rows.map((row) => row.map((cell, index) => (index === column ? shortened(cell, room) : cell)));
}

/** `a_very_l…_database`. */
function shortened(text: string, room: number): string {
  if (shownWidth(text) <= room) return text;
  const letters = Array.from(text);
  for (let left = letters.length - 1; left > 1; left -= 1) {
    const head = letters.slice(0, Math.ceil(left / 2)).join('');
    const tail = letters.slice(letters.length - Math.floor(left / 2)).join('');
    if (shownWidth(head) + 1 + shownWidth(tail) <= room) return `${head}…${tail}`;
  }
  return text;
}

/** The first form whose lines all fit, else the last; later forms are not rendered. */
export function firstThatFits(width: number, ...forms: readonly (() => string)[]): string {
  let text = '';
  for (const form of forms) {
    text = form();
    if (width === Infinity || widestLine(text) <= width) break;
  }
  return text;
}

export function widestLine(text: string): number {
  return Math.max(...text.split('\n').map(shownWidth));
}
