// Reads the lines of SHOW GRANTS.

export type Scope =
  | { readonly kind: 'global' }
  /** A name or, as a rule, a pattern: see `database-grants.ts`. */
  | { readonly kind: 'database'; readonly pattern: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string };

/** One line of SHOW GRANTS that gives privileges, or takes some back (MySQL's partial revokes). */
export interface Grant {
  readonly revoked: boolean;
  /** As the server names them, in capitals; `GRANT OPTION` is one of them. */
  readonly privileges: ReadonlySet<string>;
  readonly scope: Scope;
  /** MariaDB prints roles and PUBLIC as grantees of their own; MySQL prints all as the account's. */
  readonly grantee: 'account' | 'role' | 'public';
}

// How names are quoted depends on sql_mode (ANSI_QUOTES), sql_quote_show_create and the server's version.
const NAME = '(`(?:[^`]|``)*`|"(?:[^"]|"")*"|[^\\s`"\'.@,]+)';
const LINE = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?${NAME}\\.${NAME} (?:TO|FROM) (.*)$`, 's');
const ACCOUNT = /^(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^'\\]|''|\\.)*'|[^\s`"'@]*)@/s;

/** Their privileges do not hold on a whole table. */
const COLUMN_LISTS = /\((?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|[^`")])*\)/g;

/** @returns undefined for a line without privileges that we ask for: of a role, a proxy, a routine. */
export function parseGrant(line: string): Grant | undefined {
  const [, verb, list = '', database = '', table = '', to = ''] = LINE.exec(line) ?? [];
  if (verb === undefined) return undefined;
  const privileges = new Set(
    list
      .replace(COLUMN_LISTS, '\0')
      .split(',')
      .map((name) => name.trim().toUpperCase())
      .filter((name) => !name.includes('\0')),
  );
  if (verb === 'GRANT' && mayPassOn(to, privileges)) privileges.add('GRANT OPTION');
  return {
    revoked: verb === 'REVOKE',
    privileges,
    scope: scopeOf(database, table),
    grantee: ACCOUNT.test(to) ? 'account' : /^[`"]?PUBLIC\b/.test(to) ? 'public' : 'role',
  };
}

/** MySQL's dynamic privileges (SHOW_ROUTINE), on lines of their own, have that option each for itself. */
function mayPassOn(to: string, privileges: ReadonlySet<string>): boolean {
  const unquoted = to.replaceAll(/`(?:[^`]|``)*`|"(?:[^"]|"")*"|'[^']*'/g, '');
  return (
    /\bWITH (?:.*\b)?GRANT OPTION\b/.test(unquoted) && [...privileges].some((name) => !name.includes('_'))
  );
}

function scopeOf(database: string, table: string): Scope {
  if (database === '*') return { kind: 'global' };
  if (table === '*') return { kind: 'database', pattern: unquote(database) };
  return { kind: 'table', database: unquote(database), table: unquote(table) };
}

function unquote(name: string): string {
  const quote = name[0];
  if (quote !== '`' && quote !== '"') return name;
  return name.slice(1, -1).replaceAll(quote + quote, quote);
}
