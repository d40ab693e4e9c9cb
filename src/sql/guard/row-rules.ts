import type { SqlToken } from '../lexer/statement.ts';

/** What may stand between the values of an INSERT, apart from numbers, strings and NULL. */
const ALLOWED: ReadonlySet<string> = new Set(
  'null true false x b n on duplicate key update as json signed unsigned using utf8 utf8mb3 utf8mb4 latin1 ascii inf nan'.split(
    ' ',
  ),
);

/**
 * What may be called there, too: words that to every server are more than the name of a routine. Times are those of
 * the server's clock, which reaches nowhere.
 */
const CALLABLE: ReadonlySet<string> = new Set(
  (
    'default row values value binary char convert cast conv ' +
    'st_geomfromtext st_geomfromwkb geomfromtext geomfromwkb st_geometryfromtext unhex ' +
    'now sysdate curdate curtime current_date current_time current_timestamp localtime localtimestamp utc_date utc_time ' +
    'utc_timestamp unix_timestamp from_unixtime str_to_date date_add date_sub adddate subdate timestamp date time ' +
    'interval microsecond second minute hour day week month quarter year'
  ).split(' '),
);

const ALLOWED_SIGNS: ReadonlySet<string> = new Set([')', ',', '-', '+', '=']);

const WHY_NOT: Readonly<Record<string, string>> = {
  ';': 'is followed by a second statement before its delimiter',
  // Told behind a name or word alone, and the point not in a number.
  '(': 'calls a routine, which may do anything',
  '.': 'refers to something outside its rows',
  select: 'writes rows from a query',
  load_file: 'reads a file on the server',
  outfile: 'writes a file on the server',
  dumpfile: 'writes a file on the server',
  sleep: 'makes the server wait',
  benchmark: 'makes the server wait',
};

/** Whether a token may stand among rows that are read by `RowStatements`, which knows no words but NULL and this one. */
export function isPlainInRows({ kind, written, note }: SqlToken): boolean {
  return note === 0 && (kind === 'string' || (kind === 'word' && written === '_binary'));
}

/**
 * Why a token may not stand among rows; undefined when it may. Rows are literals: nothing in them may be run, for
 * functions and queries could read files or other databases.
 *
 * @param before The token that was told before it, of these rows.
 */
export function whyNotInRows(
  { kind, text, note }: SqlToken,
  before: SqlToken | undefined,
): string | undefined {
  if (note !== 0) return 'has rows that some servers skip because of a version comment';
  switch (kind) {
    case 'string':
    case 'number':
    case 'name': // of a column, behind ON DUPLICATE KEY UPDATE
      return undefined;
    case 'sign':
      if (ALLOWED_SIGNS.has(text)) return undefined;
      if (text === '(' && before?.kind === 'word' && CALLABLE.has(before.text)) return undefined;
      return WHY_NOT[text] ?? 'has more than plain values among its rows';
    case 'word':
      if (
        ALLOWED.has(text) ||
        CALLABLE.has(text) ||
        /^_(?:binary|utf8|utf8mb3|utf8mb4|latin1|ascii|[a-z]*\d*)$/.test(text)
      )
        return undefined;
      return WHY_NOT[text] ?? 'has more than plain values among its rows';
  }
}
