/** A column of which a dump has fewer digits than the table. */
export interface InexactColumn {
  readonly table: string;
  readonly column: string;
}

const COLUMNS_SHOWN = 5;

/** `prices.net, prices.gross and 3 more`. */
export function namedColumns(columns: readonly InexactColumn[]): string {
  const shown = columns.slice(0, COLUMNS_SHOWN).map(({ table, column }) => `${table}.${column}`);
  const more = columns.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What create says of them; undefined when there are none. */
export function inexactWarning(columns: readonly InexactColumn[]): string | undefined {
  if (columns.length === 0) return undefined;
  return `FLOAT values are rounded to six significant digits in the backup, because the dump tools print no more: ${namedColumns(columns)}.`;
}
