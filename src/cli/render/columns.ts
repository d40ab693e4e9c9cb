import Table from 'cli-table3';

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((part) => [part, '']),
);

/**
 * Aligned columns without borders, two spaces apart, each line ended; widths count what a terminal shows (colours
 * nothing, wide characters two).
 */
export function columns(
  rows: readonly (readonly string[])[],
  options: { readonly rightAligned?: readonly number[] } = {},
): string {
  if (rows.length === 0) return '';
  const table = new Table({
    chars: { ...NO_BORDERS, middle: '  ', 'mid-mid': '', 'left-mid': '', 'right-mid': '' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: (rows[0] ?? []).map((_, index) => (options.rightAligned?.includes(index) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
