import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpPieces, type PieceBytes } from '../../../../src/sql/outline/dump-pieces.ts';

const FOLDER = new URL('../../../fixtures/dumps/', import.meta.url);
const DUMPS = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER)) }));

/** The pieces of a text, in chunks of so many bytes: what each is, with its bytes. */
function piecesOf(text: Buffer, chunkBytes = text.length): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  const take = (bits: Iterable<PieceBytes>): void => {
    for (const { piece, bytes } of bits) {
      const what = [piece.kind, ...(piece.name === undefined ? [] : [piece.name])].join(' ');
      const last = found.at(-1);
      if (last?.[0] === what) last[1] += bytes.toString('latin1');
      else found.push([what, bytes.toString('latin1')]);
    }
  };
  const pieces = new DumpPieces();
  for (let at = 0; at < text.length; at += chunkBytes) take(pieces.push(text.subarray(at, at + chunkBytes)));
  take(pieces.finish());
  return found;
}

const kindsOf = (text: string | Buffer) => piecesOf(Buffer.from(text)).map(([what]) => what);

describe.each(DUMPS)('$name', ({ text }) => {
  test('is the sum of its pieces, in whatever chunks it comes', () => {
    const whole = piecesOf(text);

    expect(whole.map(([, bytes]) => bytes).join('')).toBe(text.toString('latin1'));
    for (const chunkBytes of [1, 7, 64, 1000]) expect(piecesOf(text, chunkBytes)).toEqual(whole);
  });

  test('begins with its head and ends with its foot', () => {
    const pieces = piecesOf(text);

    expect(pieces[0]?.[1]).toMatch(/^(?:\/\*M!999999.*\n)?-- (?:MySQL|MariaDB) dump/);
    expect(pieces.at(-1)).toEqual([
      'foot',
      expect.stringMatching(/^\/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE \*\/;[^]*-- Dump completed.*\n$/),
    ]);
  });
});

test('knows what MySQL writes', () => {
  expect(kindsOf(DUMPS.find(({ name }) => name === 'mysql-9.7.sql')!.text)).toEqual([
    ...['head', 'log', 'table c', 'rows c', 'table inv', 'rows inv', 'table p', 'rows p'],
    ...['table t', 'rows t', 'triggers t', 'stand-in v', 'stand-in v2'],
    ...[
      'table we`ird; name',
      'rows we`ird; name',
      'events shop',
      'routines shop',
      'view v',
      'view v2',
      'log',
      'foot',
    ],
  ]);
});

test('knows what MariaDB writes', () => {
  expect(kindsOf(DUMPS.find(({ name }) => name === 'mariadb-11.8.sql')!.text)).toEqual(
    expect.arrayContaining(['head', 'table s1', 'rows t', 'triggers t', 'stand-in v', 'view v', 'foot']),
  );
});

test('knows where the databases of a dump begin', () => {
  const kinds = kindsOf(DUMPS.find(({ name }) => name === 'mariadb-11.8-two-databases.sql')!.text);

  // Views come last, once all tables are there.
  expect(kinds.filter((kind) => kind.startsWith('database'))).toEqual([
    ...['database shop', 'database stock', 'database shop', 'database stock'],
  ]);
});

test('takes nothing in the body of a trigger for a heading', () => {
  const body =
    'DELIMITER ;;\n/*!50003 CREATE TRIGGER x\n--\n-- Table structure for table `u`\n--\n*/;;\nDELIMITER ;\n';
  const text = `-- MySQL dump\n\n--\n-- Table structure for table \`t\`\n--\n\nCREATE TABLE t (a int);\n${body}`;

  expect(kindsOf(text)).toEqual(['head', 'table t']);
  expect(kindsOf(`${text}\n--\n-- Table structure for table \`v\`\n--\n`)).toEqual([
    'head',
    'table t',
    'table v',
  ]);
});

test('knows names with newlines, backquotes and what looks like a heading', () => {
  const heading = (name: string) => `\n--\n-- Table structure for table \`${name}\`\n--\n\n`;
  const text = [
    '-- MySQL dump\n',
    heading('a``b'),
    heading('one\n-- two'),
    heading('x\n-- Table structure for table ``y'),
    heading('Ærø 😀'),
  ].join('');

  const kinds = kindsOf(text);

  expect(kinds).toEqual([
    'head',
    'table a`b',
    'table one\ntwo',
    'table x\nTable structure for table `y',
    'table Ærø 😀',
  ]);
  for (const chunkBytes of [1, 5])
    expect(piecesOf(Buffer.from(text), chunkBytes).map(([what]) => what)).toEqual(kinds);
});

test('does not know what it is in after a jump, until something says so', () => {
  const found: string[] = [];
  const pieces = new DumpPieces();
  const take = (bits: Iterable<PieceBytes>): void => {
    for (const { piece } of bits) if (found.at(-1) !== piece.kind) found.push(piece.kind);
  };
  take(pieces.push(Buffer.from('-- MySQL dump\n')));
  take(pieces.jump());
  take(pieces.push(Buffer.from('UNLOCK TABLES;\n/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n')));
  take(pieces.finish());

  expect(found).toEqual(['head', 'unknown', 'foot']);
});
