import { SqlCursor } from '../lexer/token-cursor.ts';
import { isWord, type SqlToken } from '../lexer/statement.ts';

/** What a statement about users, roles and privileges does; undefined for any other. */
export function aboutAccounts(tokens: readonly SqlToken[]): string | undefined {
  if (isOfRole(tokens)) return 'changes the role of the session';
  const cursor = new SqlCursor(tokens);
  const verb = cursor.skip();
  if (isWord(verb, 'grant')) return 'grants privileges';
  if (isWord(verb, 'revoke')) return 'revokes privileges';
  if (isWord(verb, 'flush')) return cursor.takeWords('privileges') ? 'reloads the privileges' : undefined;
  if (isWord(verb, 'set')) return aboutAccountsInSet(cursor);
  if (!isWord(verb, 'create', 'alter', 'drop', 'rename')) return undefined;
  cursor.takeWords('or', 'replace');
  const kind = cursor.next?.text ?? '';
  if (!cursor.takeOneOf('user', 'role')) return undefined;
  if (isWord(verb, 'rename')) return 'renames tables or users';
  const does = isWord(verb, 'alter') ? 'changes' : `${String(verb?.text)}s`;
  return `${does} a ${kind}, which is not part of a database`;
}

function aboutAccountsInSet(cursor: SqlCursor): string | undefined {
  if (cursor.takeWords('default', 'role')) return 'SET DEFAULT ROLE does not concern data';
  if (cursor.takeWords('role')) return 'SET ROLE does not concern data';
  return cursor.takeWords('password') ? 'sets a password' : undefined;
}

/** What `mariadb-dump --system=users` writes around the grants, to have its role back. */
function isOfRole(tokens: readonly SqlToken[]): boolean {
  if (!isWord(tokens[0], 'select', 'execute')) return false;
  const text = tokens.map((token) => (token.kind === 'string' ? '?' : token.text)).join(' ');
  return (
    text === 'select coalesce ( current_role ( ) , ? ) into @ current_role' ||
    text === 'execute immediate concat ( ? , @ current_role )'
  );
}
