import { describe, expect, test } from 'vitest';
import type { InnodbColumn } from '../../../../src/server/innodb/column-bytes.ts';
import { strictRefusal, strictWarning } from '../../../../src/server/innodb/strict-mode.ts';
import type { InnodbTable, StrictServer } from '../../../../src/server/innodb/strict-mode.ts';

const MYSQL: StrictServer = {
  flavour: 'mysql',
  version: '9.7.4',
  pageBytes: 16_384,
  defaultRowFormat: 'dynamic',
  filePerTable: true,
};
const MARIADB: StrictServer = { ...MYSQL, flavour: 'mariadb', version: '11.8.9-MariaDB' };
const TIMES = 300;

function column(name: string, type: string, octets?: number): InnodbColumn {
  return { name, type, octets, collation: 'utf8mb4_bin', nullable: false };
}

function table(columns: readonly InnodbColumn[], options = ''): InnodbTable {
  const id = column('id', 'int(11)');
  return { options, columns: [id, ...columns], key: [{ column: 'id', prefix: undefined }], hidden: [] };
}

/** How many bytes of fixed columns go in beside it before the table would be refused. */
function room(one: InnodbTable, server: StrictServer): number {
  const isRefused = (bytes: number): boolean => {
    const pad = Array.from({ length: Math.ceil(bytes / 255) }, (_, index) => {
      const length = Math.min(255, bytes - 255 * index);
      return column(`p${index}`, `binary(${length})`, length);
    });
    return strictRefusal({ ...one, columns: [...one.columns, ...pad] }, server) !== undefined;
  };
  let [fits, tooMany] = [0, server.pageBytes];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (isRefused(middle)) tooMany = middle;
    else fits = middle;
  }
  return fits;
}

describe('the longest record', () => {
  // An empty page's half, less the header, the number of the transaction, the pointer to its undo log, and the INT.
  test.each([
    { pageBytes: 4_096, options: '', free: 1_982 },
    { pageBytes: 16_384, options: '', free: 8_126 },
    { pageBytes: 16_384, options: 'row_format=REDUNDANT', free: 8_123 - 1 - 2 * 3 - 2 * 32 },
    { pageBytes: 65_536, options: '', free: 16_383 },
  ])('has half a page of $pageBytes bytes ($options)', ({ pageBytes, options, free }) => {
    expect(room(table([], options), { ...MYSQL, pageBytes })).toBe(free - 1 - 5 - 6 - 7 - 4);
  });

  test.each([
    { type: 'tinyint(1)', bytes: 1 },
    { type: 'bigint unsigned', bytes: 8 },
    { type: 'decimal(10,2)', bytes: 5 },
    { type: 'decimal(65,30)', bytes: 30 },
    { type: 'datetime(6)', bytes: 8 },
    { type: 'timestamp', bytes: 4 },
    { type: 'bit(9)', bytes: 2 },
    { type: "enum('a','it''s','x,''y')", bytes: 1 },
    { type: `enum(${Array.from({ length: 256 }, (_, n) => `'${n}'`).join(',')})`, bytes: 2 },
    { type: `set(${Array.from({ length: 33 }, (_, n) => `'${n}'`).join(',')})`, bytes: 8 },
    { type: 'char(10)', octets: 10, bytes: 10 },
    { type: 'char(9)', octets: 36, bytes: 37 },
    { type: 'varchar(5)', octets: 20, bytes: 21 },
    { type: 'a_type_of_later', bytes: 21, mysql: 41 },
    { type: 'varbinary(255)', octets: 255, bytes: 256, mysql: 41 },
    { type: 'varbinary(256)', octets: 256, bytes: 21, mysql: 41 },
    { type: 'longtext', octets: 4_294_967_295, bytes: 21, mysql: 41 },
    { type: 'varbinary(700)', octets: 700, format: 'compact', bytes: 702 },
    { type: 'longtext', octets: 4_294_967_295, format: 'compact', bytes: 790 },
    { type: 'char(9)', octets: 36, format: 'redundant', bytes: 38 },
  ])('has $bytes bytes of $type ($format)', ({ type, octets, format, bytes, mysql }) => {
    const options = format === undefined ? '' : `row_format=${format.toUpperCase()}`;
    const taken = (server: StrictServer): number =>
      room(table([], options), server) - room(table([column('c', type, octets)], options), server);
    expect(taken(MARIADB)).toBe(bytes);
    expect(taken(MYSQL)).toBe(mysql ?? bytes);
  });

  test('has a bit of each column that may be NULL, and of hidden columns what they take', () => {
    const nullable = Array.from({ length: 9 }, (_, n) => ({ ...column(`c${n}`, 'tinyint'), nullable: true }));
    expect(room(table([]), MARIADB) - room(table(nullable), MARIADB)).toBe(11);
    expect(room(table([]), MARIADB) - room({ ...table([]), hidden: [8] }, MARIADB)).toBe(8);
    expect(room(table([]), MARIADB) - room({ ...table([]), key: [] }, MARIADB)).toBe(6);
  });

  test('has less room in a compressed page, and its key half of that', () => {
    const options = 'row_format=COMPRESSED key_block_size=4';
    expect(room(table([], options), MARIADB)).toBeLessThan(4_000);
    const key = Array.from({ length: TIMES }, (_, n) => column(`k${n}`, 'bigint'));
    const wide = {
      ...table(key, options),
      key: key.map(({ name }) => ({ column: name, prefix: undefined })),
    };
    expect(strictRefusal(wide, MARIADB)).toBe('row size');
    expect(strictRefusal({ ...wide, key: [] }, MARIADB)).toBeUndefined();
  });
});

describe('options', () => {
  test.each([
    { options: 'row_format=COMPRESSED', refused: false },
    { options: 'row_format=COMPRESSED KEY_BLOCK_SIZE=8', refused: false },
    { options: 'key_block_size=16 partitioned', refused: false },
    { options: 'row_format=DYNAMIC checksum=1', refused: false },
    { options: 'row_format=DEFAULT', refused: false },
    { options: 'row_format=DYNAMIC key_block_size=8', refused: true },
    { options: 'row_format=FIXED', refused: true },
    { options: 'key_block_size=32', refused: true },
    { options: 'row_format=COMPRESSED key_block_size=5', refused: true },
    { options: 'key_block_size=16', server: { pageBytes: 8_192 }, refused: true },
    { options: 'key_block_size=8', server: { pageBytes: 32_768 }, refused: true },
    { options: 'row_format=COMPRESSED', server: { filePerTable: false }, refused: true },
  ])('$options $server: refused is $refused', ({ options, server, refused }) => {
    expect(strictRefusal(table([], options), { ...MYSQL, ...server })).toBe(refused ? 'options' : undefined);
  });
});

describe('strictWarning', () => {
  const tables = Array.from({ length: 12 }, (_, n) => ({
    name: `t${n}`,
    strictRefusal: n === 0 ? undefined : n === 1 ? ('options' as const) : ('row size' as const),
  }));

  test('names the tables, why, and what opens the way', () => {
    expect(strictWarning(tables.slice(0, 1), 'mysql')).toBeUndefined();
    expect(strictWarning(tables.slice(0, 3), 'mariadb')).toBe(
      'InnoDB makes these tables only while innodb_strict_mode is OFF: t1 (options), t2 (row size). restore switches it off automatically. With another client: SET SESSION innodb_strict_mode = OFF.',
    );
    expect(strictWarning(tables, 'mysql')).toMatch(
      /t10 \(row size\) and 1 more\..*, for which its account needs SESSION_VARIABLES_ADMIN\. /,
    );
  });
});
