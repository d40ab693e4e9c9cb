import { describe, expect, test } from 'vitest';
import { parseGrant } from '../../../../src/server/privileges/grant-lines.ts';

describe('a line of SHOW GRANTS', () => {
  test.each([
    ['GRANT SELECT, SHOW VIEW ON *.* TO `b`@`%`', ['SELECT', 'SHOW VIEW'], { kind: 'global' }, 'account'],
    [
      "GRANT SELECT ON `my\\_shop`.* TO 'b'@'localhost' WITH GRANT OPTION",
      ['SELECT', 'GRANT OPTION'],
      { kind: 'database', pattern: 'my\\_shop' },
      'account',
    ],
    ['GRANT EVENT ON "s%".* TO b@"%"', ['EVENT'], { kind: 'database', pattern: 's%' }, 'account'],
    ['GRANT EVENT ON shop.* TO reader', ['EVENT'], { kind: 'database', pattern: 'shop' }, 'role'],
    ['GRANT EVENT ON `shop`.* TO PUBLIC', ['EVENT'], { kind: 'database', pattern: 'shop' }, 'public'],
    ['GRANT EVENT ON `shop`.* TO ``@`%`', ['EVENT'], { kind: 'database', pattern: 'shop' }, 'account'],
    [
      'GRANT SELECT (`a`, `b)`), INSERT ON `s``hop`.`t` TO `b`@`%`',
      ['INSERT'],
      { kind: 'table', database: 's`hop', table: 't' },
      'account',
    ],
  ])('%s', (line, privileges, scope, grantee) => {
    const grant = parseGrant(line);

    expect([...(grant?.privileges ?? [])]).toEqual(privileges);
    expect(grant).toMatchObject({ revoked: false, scope, grantee });
  });

  test('that takes something back', () => {
    expect(parseGrant('REVOKE SELECT ON `shop`.* FROM `b`@`%`')).toMatchObject({
      revoked: true,
      scope: { kind: 'database', pattern: 'shop' },
    });
  });

  test.each([
    'GRANT `reader`@`%` TO `b`@`%`',
    'GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `b`@`%`',
    "GRANT PROXY ON ''@'%' TO 'b'@'%'",
    'SET DEFAULT ROLE `reader` FOR `b`@`%`',
  ])('gives no privilege on tables: %s', (line) => {
    expect(parseGrant(line)).toBeUndefined();
  });
});
