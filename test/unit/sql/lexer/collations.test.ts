import { describe, expect, test } from 'vitest';
import { adviceOn, collationsIn } from '../../../../src/sql/lexer/collations.ts';
import { statementsOf } from '../statements-of.ts';

describe('collationsIn', () => {
  test.each([
    {
      sql: "CREATE TABLE t (a char(1) COLLATE utf8mb4_0900_ai_ci, b char(1) COLLATE 'latin1_bin') COLLATE=utf8mb4_da_0900_as_cs;",
      names: ['utf8mb4_0900_ai_ci', 'latin1_bin', 'utf8mb4_da_0900_as_cs'],
    },
    { sql: 'SET collation_connection = UTF8MB4_0900_AI_CI;', names: ['utf8mb4_0900_ai_ci'] },
    { sql: 'SET NAMES utf8mb4 COLLATE utf8mb4_0900_bin;', names: ['utf8mb4_0900_bin'] },
    { sql: 'SET collation_connection = @saved;', names: [] },
    { sql: 'CREATE TABLE t (`collate` int, a int);', names: [] },
  ])('of $sql', ({ sql, names }) => {
    const [statement] = statementsOf(Buffer.from(sql));

    expect([...collationsIn(statement?.tokens ?? [])]).toEqual(names);
  });
});

describe('adviceOn', () => {
  test.each([
    ['utf8mb4_0900_ai_ci', 'MySQL 8.0 and later', 'utf8mb4_unicode_520_ci'],
    ['utf8mb4_da_0900_ai_ci', 'MySQL 8.0 and later', 'utf8mb4_unicode_520_ci'],
    ['utf8mb4_0900_as_cs', 'MySQL 8.0 and later', 'utf8mb4_bin'],
    ['utf8mb4_0900_bin', 'MySQL 8.0 and later', 'utf8mb4_bin'],
    ['utf8mb4_uca1400_ai_ci', 'MariaDB 10.10 and later', 'utf8mb4_unicode_520_ci'],
    ['utf8mb3_uca1400_swedish_as_cs', 'MariaDB 10.10 and later', 'utf8mb3_bin'],
    ['utf8mb4_general_nopad_ci', 'MariaDB', 'utf8mb4_general_ci'],
    ['latin1_nopad_bin', 'MariaDB', 'latin1_bin'],
  ])('%s is of %s', (collation, origin, replacement) => {
    expect(adviceOn(collation)).toEqual({ origin, replacement });
  });

  test.each(['utf8mb4_general_ci', 'koi8r_general_ci', 'nonsense'])(
    '%s: knows nothing better',
    (collation) => {
      expect(adviceOn(collation)).toBeUndefined();
    },
  );
});
