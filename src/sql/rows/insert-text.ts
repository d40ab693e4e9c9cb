// How many rows an INSERT has, by its text. The servers say it in words only, and in their own languages.

/** Whether it inserts every row or fails: then the server's count is exact. */
export function isPlainInsert(statement: string): boolean {
  return /^\s*INSERT\s+INTO\b/i.test(statement) && !/\bON\s+DUPLICATE\s+KEY\s+UPDATE\b/i.test(statement);
}

const TOKEN = /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`]|``)*`|[()]|\w+/g;

/** The rows that stand in an INSERT or REPLACE, whatever becomes of them. */
export function rowsIn(statement: string): number {
  let depth = 0;
  let rows: number | undefined;
  for (const [token] of statement.matchAll(TOKEN)) {
    if (token === '(') {
      if (depth === 0 && rows !== undefined) rows++;
      depth++;
    } else if (token === ')') depth--;
    else if (depth === 0) {
      if (rows === undefined && /^values?$/i.test(token)) rows = 0;
      else if (rows !== undefined && /^on$/i.test(token)) break;
    }
  }
  return rows ?? 0;
}
