import { expect, test } from 'vitest';
import { columns } from '../../../../../src/cli/render/text/columns.ts';
import { wrapped, wrappedRows } from '../../../../../src/cli/render/text/wrap.ts';

test('breaks prose at blanks, with its indent', () => {
  expect(wrapped('  If it is a replica, connect to the other server.', 30)).toBe(
    '  If it is a replica, connect\n  to the other server.',
  );
  expect(wrapped('short\nlines', 30)).toBe('short\nlines');
  expect(wrapped('no limit '.repeat(100), Infinity)).toBe('no limit '.repeat(100));
});

test.each([
  'dbbackup restore shop/latest --confirm shop --dir /srv/backups',
  '  npx dbbackup status abcdefgh --log --dir /srv/backups',
  "GRANT SELECT, SHOW VIEW ON `shop`.* TO 'backup'@'localhost'",
  'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;',
  'sudo chown -R backup /srv/backups/shop/manual_2026-11-22.sql.gz',
  '\u001b[1mdbbackup create shop --dir /srv/backups/of/this/server\u001b[22m',
  '/srv/backups/a/path/without/a/blank/is/never/broken/anywhere.sql.gz',
])('leaves what is to be typed whole: %s', (line) => {
  expect(wrapped(line, 30)).toBe(line);
});

test('takes no text in a table for something to type, whatever it begins with', () => {
  expect(wrappedRows([['programs', 'mariadb-dump 10.11 of MariaDB fits the server.']], 30)).toEqual([
    ['programs', 'mariadb-dump 10.11'],
    ['', 'of MariaDB fits the'],
    ['', 'server.'],
  ]);
});

test('stands further lines of a text below its first', () => {
  expect(wrappedRows([['method', 'into a staging schema, then swapped in']], 30)).toEqual([
    ['method', 'into a staging schema,'],
    ['', 'then swapped in'],
  ]);
});

test('cuts long names out in their middle where a table would be too wide', () => {
  const rows = [
    ['DATABASE', 'STATE'],
    ['a_database_with_a_very_long_name', 'succeeded'],
    ['shop', 'failed'],
  ];
  expect(columns(rows, { fit: { width: 30, column: 0 } })).toBe(
    [
      'DATABASE             STATE\n',
      'a_databas…long_name  succeeded\n',
      'shop                 failed\n',
    ].join(''),
  );
  expect(columns(rows, { fit: { width: 80, column: 0 } })).toBe(columns(rows));
});
