// Words of SQL that are no names in the statements of `own-rows.ts`, whatever a server makes of them.
import type { SqlToken } from '../lexer/statement.ts';
import { isWhole, NEVER, wordsOf } from './allowable.ts';

/**
 * Words that end an expression, for they begin or join something else. To every server they are reserved, so that none
 * takes one of them for a name.
 */
export const ENDS = wordsOf(
  'from where group having order limit union except intersect set on using select table',
  'join straight_join inner cross natural left right',
);

/** What begins something else on some servers, and may be a name on others. */
const UNCLEAR = wordsOf('returning window minus qualify');

/** Words that are no name of a table here, whatever a server makes of them. */
const NO_ALIAS = wordsOf(
  'as outer value values duplicate key row rows offset partition use force ignore lock fetch system_time',
  'tablesample wait nowait skip default update delete insert replace',
);

/** May be the name of a table or column, as far as its form tells. */
export function isName(token: SqlToken | undefined): token is SqlToken {
  if (token?.kind === 'name') return true;
  return token?.kind === 'word' && isWhole(token) && !NEVER.has(token.text) && !UNCLEAR.has(token.text);
}

export function isNoAlias(word: string): boolean {
  return ENDS.has(word) || NO_ALIAS.has(word);
}
