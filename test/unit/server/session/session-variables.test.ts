import { describe, expect, test } from 'vitest';
import {
  assignment,
  SESSION_VARIABLES,
  setStatement,
  suits,
  variablesFor,
} from '../../../../src/server/session/session-variables.ts';
import type { SessionVariable } from '../../../../src/server/session/session-variables.ts';

function variable(changes: Partial<SessionVariable>): SessionVariable {
  return { name: 'v', value: 0, uses: ['dump'], since: { mysql: '8.0' }, why: '', ...changes };
}

describe('the table of session variables', () => {
  test('has no variable twice for one use on one server', () => {
    const keys = SESSION_VARIABLES.flatMap(({ name, uses, since }) =>
      uses.flatMap((use) => Object.keys(since).map((flavour) => `${name} ${use} ${flavour}`)),
    );
    expect(keys).toEqual([...new Set(keys)]);
  });

  test.each([
    ['mariadb', '10.11.18-MariaDB', 'max_statement_time', true],
    ['mysql', '9.7.4', 'max_statement_time', false],
    ['mysql', '5.7.44', 'information_schema_stats_expiry', false],
    ['mysql', '8.0.11', 'information_schema_stats_expiry', true],
  ] as const)('on %s %s: %s, %s', (flavour, version, name, there) => {
    const names = variablesFor('questions', { flavour, version }).map((each) => each.name);
    expect(names.includes(name)).toBe(there);
  });
});

describe('suits', () => {
  test.each([
    ['ON', 'on', true],
    ['ON', '1', true],
    ['ON', '0', false],
    ['OFF', '0', true],
    ['REPEATABLE-READ', 'READ-COMMITTED', false],
    ['', '', true],
    [0, '0.000000', true],
    [18_446_744_073_709_551_615n, '18446744073709551615', true],
    [18_446_744_073_709_551_615n, '1000', false],
    [null, null, true],
    [null, 'InnoDB', false],
    [1, null, false],
  ])('%s wanted, %s shown: %s', (value, shown, is) => {
    expect(suits(variable({ value }), shown)).toBe(is);
  });

  test('leaves a limit alone that is high enough', () => {
    expect(suits(variable({ value: 600, atLeast: 60 }), '100')).toBe(true);
    expect(suits(variable({ value: 600, atLeast: 60 }), '5')).toBe(false);
  });
});

test('all is said in one statement', () => {
  const assignments = [
    variable({ name: 'a', value: 1 }),
    variable({ name: 'b', value: 'ON' }),
    variable({ name: 'c', value: null }),
    variable({ name: 'd', value: 'DEFAULT', literal: 'DEFAULT' }),
  ].map(assignment);
  expect(setStatement(assignments)).toBe("SET SESSION a = 1, b = 'ON', c = NULL, d = DEFAULT");
});
