import { expect, test } from 'vitest';
import type { Manifest, ManifestTable } from '../../../src/backups/record/manifest.ts';
import { compareBackups, isSame, tablesOfBoth } from '../../../src/contents/compare-backups.ts';
import { someManifest } from '../cli/render/some-backups.ts';

function table(name: string, uncompressedBytes: number, engine = 'InnoDB'): ManifestTable {
  return { name, engine, uncompressedBytes, offsetBytes: 0 };
}

function side(changes: Partial<Manifest>, definitions: Readonly<Record<string, string>> = {}) {
  return { manifest: someManifest(changes), definitions: new Map(Object.entries(definitions)) };
}

test('tells which tables came, went, grew and shrank', () => {
  const from = side({
    tables: [table('gone', 1), table('grew', 100), table('shrank', 1000), table('same', 5)],
  });
  const to = side({
    tables: [table('grew', 150), table('shrank', 7), table('same', 5), table('new', 3, 'Aria')],
  });
  const found = compareBackups(from, to);

  expect(tablesOfBoth(from.manifest, to.manifest)).toEqual(new Set(['grew', 'shrank', 'same']));
  expect(found.tables).toEqual({
    added: [{ name: 'new', engine: 'Aria', uncompressedBytes: 3 }],
    removed: [{ name: 'gone', engine: 'InnoDB', uncompressedBytes: 1 }],
    changed: [
      { name: 'shrank', fromBytes: 1000, toBytes: 7, definition: undefined },
      { name: 'grew', fromBytes: 100, toBytes: 150, definition: undefined },
    ],
    sameSize: 1,
  });
  expect(isSame(found)).toBe(false);
});

test('tells how a definition changed, but for the counter', () => {
  const of = (lines: string, counter: number): string =>
    `CREATE TABLE \`t\` (\n${lines}\n) ENGINE=InnoDB AUTO_INCREMENT=${counter}`;
  const from = side(
    { tables: [table('t', 5), table('u', 5)] },
    { t: of('  `a` int,\n  `b` int', 3), u: of('  `a` int', 1) },
  );
  const to = side(
    { tables: [table('t', 5), table('u', 5)] },
    { t: of('  `a` int,\n  `c` text,\n  `d` int', 9), u: of('  `a` int', 8) },
  );

  expect(compareBackups(from, to).tables).toMatchObject({
    changed: [
      {
        name: 't',
        fromBytes: 5,
        toBytes: 5,
        definition: [{ removed: ['`b` int'], added: ['`c` text', '`d` int'] }],
      },
    ],
    sameSize: 1,
  });
  expect(isSame(compareBackups(from, { ...from }))).toBe(true);
});

test('tells what changed of the stored objects', () => {
  const from = side({ programs: { 'view a': '1', 'view b': '2', 'trigger c': '3' } });
  const to = side({ programs: { 'view a': '1', 'view b': '9', 'event d': '4' } });

  expect(compareBackups(from, to).storedObjects).toEqual({
    added: ['event d'],
    removed: ['trigger c'],
    changed: ['view b'],
  });
  expect(compareBackups(side({ programs: undefined }), to).storedObjects).toBeUndefined();
});

test('tells what changed of the whole', () => {
  const server = { flavour: 'mariadb', host: 'db', port: 3306 } as const;
  const from = side({ server: { ...server, version: '10.11.1', identity: 'x' }, collation: 'utf8mb4_bin' });
  const elsewhere = { ...server, host: '10.0.0.5', version: '11.8.2', identity: 'x' };
  const to = side({ server: elsewhere, options: { events: false } });

  expect(compareBackups(from, to).aspects).toEqual([
    { what: 'version', from: 'mariadb 10.11.1', to: 'mariadb 11.8.2' },
    { what: 'collation', from: 'utf8mb4_bin', to: 'utf8mb4_general_ci' },
    { what: 'leftOut', from: 'nothing', to: 'events' },
  ]);
  const other = side({ server: { ...elsewhere, identity: 'y', name: 'db2:3306' } });
  expect(compareBackups(from, other).aspects).toContainEqual({
    ...{ what: 'server', from: 'db:3306', to: '10.0.0.5:3306 (db2:3306)' },
  });
});
