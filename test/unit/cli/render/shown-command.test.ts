import { expect, test } from 'vitest';
import { hideUrlPasswords, shownCommand } from '../../../../src/cli/render/shown-command.ts';

test('shows a command line that can be pasted into a shell', () => {
  expect(shownCommand(['create', "it's mine", '--dir=/a b', '--output', '-'])).toBe(
    String.raw`dbbackup create 'it'\''s mine' '--dir=/a b' --output -`,
  );
});

test('puts further options before the separator', () => {
  expect(shownCommand(['restore', '--', '-x'], ['--confirm', 'shop'])).toBe(
    'dbbackup restore --confirm shop -- -x',
  );
  expect(shownCommand(['restore', 'latest'], ['--confirm', 'my shop'])).toBe(
    "dbbackup restore latest --confirm 'my shop'",
  );
});

test.each([
  ['mysql://root:secret@db/shop', 'mysql://root:[hidden]@db/shop'],
  ['--url=mariadb://root:se:c@ret@db/shop', '--url=mariadb://root:[hidden]@db/shop'],
  ['mysql://:secret@db', 'mysql://:[hidden]@db'],
  ['mysql://root@db:3306/shop', 'mysql://root@db:3306/shop'],
  ['mysql://root@db/shop?password=secret', 'mysql://root@db/shop?password=[hidden]'],
  ['--url=mysql://db/?a=b&PASSWORD=s=c&c=d', '--url=mysql://db/?a=b&PASSWORD=[hidden]&c=d'],
  ['dbbackup restore what?password=x', 'dbbackup restore what?password=x'],
])('hides the password of %s', (text, shown) => {
  expect(hideUrlPasswords(text)).toBe(shown);
});
