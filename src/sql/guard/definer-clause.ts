import { type SqlToken, isWord, isSign } from '../lexer/statement.ts';

/**
 * The account that a CREATE names as DEFINER, as `CURRENT_USER()` would give it; undefined: none, or the loading
 * account.
 */
export function definerIn(tokens: readonly SqlToken[]): string | undefined {
  const at = tokens.findIndex((token, index) => isWord(token, 'definer') && isSign(tokens[index + 1], '='));
  const [user, sign, host] = at < 0 ? [] : tokens.slice(at + 2, at + 5);
  if (user === undefined || host === undefined || !isSign(sign, '@')) return undefined;
  return `${user.written}@${host.written}`;
}
