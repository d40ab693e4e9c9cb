import { quoteName } from './quote-name.ts';

/** A column of which a dump has fewer digits than the table. */
export interface InexactColumn {
  readonly table: string;
  readonly column: string;
  /** What its rounded values may break, itself or through a generated column. */
  readonly partOf?: readonly Constraint[] | undefined;
}

export type Constraint = 'unique key' | 'check';

const COLUMNS_SHOWN = 5;

/** `prices.net (in a unique key), prices.gross and 3 more`. */
export function namedColumns(columns: readonly InexactColumn[]): string {
  const worstFirst = [...columns].sort((a, b) => constraintsOf(b).length - constraintsOf(a).length);
  const shown = worstFirst.slice(0, COLUMNS_SHOWN).map((column) => {
    const constraints = constraintsOf(column).map((constraint) => `in a ${constraint}`);
    const where = constraints.length === 0 ? '' : ` (${constraints.join(', ')})`;
    return `${column.table}.${column.column}${where}`;
  });
  const more = columns.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What create says of them; undefined when there are none. */
export function inexactWarning(columns: readonly InexactColumn[]): string | undefined {
  if (columns.length === 0) return undefined;
  return `FLOAT values are rounded to six significant digits in the backup, because the dump tools print no more: ${namedColumns(columns)}.${constraintText(columns)}`;
}

/** A separate sentence, appended to another; empty when the values are in no constraint. */
export function constraintText(columns: readonly InexactColumn[]): string {
  const broken = new Set(columns.flatMap(constraintsOf));
  if (broken.size === 0) return '';
  const breaks = [
    ...(broken.has('unique key') ? ['are the same'] : []),
    ...(broken.has('check') ? ['do not pass the check'] : []),
  ];
  return ` A restore may fail because of it: where rounded values ${breaks.join(', or ')}.`;
}

/** Where a table's definition, as SHOW CREATE TABLE prints it, holds the values of a column. */
export function constraintsOn(definition: string, column: string): readonly Constraint[] {
  const lines = definition.toLowerCase().split('\n');
  const names = new Set([column.toLowerCase()]);
  const isNamed = (text: string): boolean => [...names].some((name) => text.includes(quoteName(name)));
  let known = 0;
  while (known < names.size) {
    known = names.size;
    for (const line of lines) {
      const [, name = '', expression] = /^ {2}`((?:[^`]|``)+)`.* generated always as (\(.*)/.exec(line) ?? [];
      if (expression !== undefined && isNamed(expression)) names.add(name.replaceAll('``', '`'));
    }
  }
  const isUnique = lines.some((line) => {
    const parts = /^ {2}(?:primary key|unique key `(?:[^`]|``)+`) +(\(.*)/.exec(line)?.[1];
    return parts !== undefined && isNamed(parts);
  });
  const isChecked = lines.some((line) => {
    const check = / check (\(.*)/.exec(line)?.[1];
    return check !== undefined && !check.includes('not enforced') && isNamed(check);
  });
  return [...(isUnique ? (['unique key'] as const) : []), ...(isChecked ? (['check'] as const) : [])];
}

function constraintsOf({ partOf }: InexactColumn): readonly Constraint[] {
  return partOf ?? [];
}
