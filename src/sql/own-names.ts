import { type SqlToken, isSign } from './lexer/statement.ts';

export const SECOND_STATEMENT = 'is followed by a second statement before its delimiter';

/** The first token behind a `;` that is not the delimiter: clients send both statements, and servers run both. */
export function secondStatement(tokens: readonly SqlToken[]): SqlToken | undefined {
  const semicolon = tokens.findIndex((token) => isSign(token, ';'));
  if (semicolon < 0) return undefined;
  return tokens.slice(semicolon).find((token) => !isSign(token, ';'));
}
