import { isSign, isWord } from './statement.ts';
import type { SqlToken } from './statement.ts';

/** Variables whose values are collations; dumps set them around stored objects. */
const VARIABLES = ['collation_connection', 'collation_database', 'collation_server'];

/** Each collation that a statement names: `COLLATE x`, `COLLATE=x`, `collation_connection = x`; lower case. */
export function* collationsIn(tokens: readonly SqlToken[]): Generator<string> {
  for (const [index, token] of tokens.entries()) {
    if (!isWord(token, 'collate', ...VARIABLES)) continue;
    const value = tokens[isSign(tokens[index + 1], '=') ? index + 2 : index + 1];
    if (value !== undefined && /^\w+_\w+$/.test(value.text) && !isSign(tokens[index - 1], '.'))
      yield value.text.toLowerCase();
  }
}

/** A collation that both MySQL and MariaDB have, and who has this one. */
export interface CollationAdvice {
  readonly origin: string;
  readonly replacement: string;
}

/**
 * What to put in the place of a collation that only one of MySQL and MariaDB has; undefined for others.
 *
 * Sources: SHOW COLLATION of MariaDB 10.11 and 11.8 and MySQL 9.7; `utf8mb4_0900_*` is known to MariaDB from 11.4.5 on.
 */
export function adviceOn(collation: string): CollationAdvice | undefined {
  const [, charset = '', rest = ''] = /^([a-z0-9]+)_(\w+)$/.exec(collation) ?? [];
  const unicode =
    rest.endsWith('_cs') || rest.endsWith('bin') ? `${charset}_bin` : `${charset}_unicode_520_ci`;
  if (/(?:^|_)0900_/.test(rest)) return { origin: 'MySQL 8.0 and later', replacement: unicode };
  if (rest.startsWith('uca1400_')) return { origin: 'MariaDB 10.10 and later', replacement: unicode };
  if (/(?:^|_)nopad_/.test(rest))
    return { origin: 'MariaDB', replacement: `${charset}_${rest.replace(/nopad_/, '')}` };
  return undefined;
}
