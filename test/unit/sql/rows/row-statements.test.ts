import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import type { DumpReport } from '../../../../src/sql/dump-report.ts';
import { isSplittable } from '../../../../src/sql/script/load-plan.ts';
import { RowStatements } from '../../../../src/sql/rows/row-statements.ts';
import { NotRowsError } from '../../../../src/sql/rows/row-values.ts';
import { StatementBuffers } from '../../../../src/sql/rows/statement-buffers.ts';
import { hostileDumps } from '../../../fixtures/hostile-corpus.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { everySplit, randomChunks, seededRandom } from '../chunks.ts';

const ROOM_BYTES = 5;
const HEAD = 'INSERT INTO `t` VALUES';

/** The statements of a text that comes in these chunks; undefined when it is refused. */
function statementsOf(chunks: readonly Buffer[], head = HEAD): readonly string[] | undefined {
  const rows = new RowStatements(Buffer.from(head, 'latin1'), new StatementBuffers(ROOM_BYTES));
  const inFlight: (() => void)[] = [];
  try {
    const found: string[] = [];
    for (const chunk of chunks) {
      for (const { bytes, release } of rows.push(chunk)) {
        bytes.fill(0xee, 0, ROOM_BYTES);
        // A while later, when others have been read, it is sent, and its memory used again.
        const sent = found.push('') - 1;
        inFlight.push(() => {
          found[sent] = bytes.toString('latin1', ROOM_BYTES);
          bytes.fill(0xff);
          release();
        });
        if (inFlight.length > 2) inFlight.shift()?.();
      }
    }
    rows.finish();
    for (const send of inFlight) send();
    return found;
  } catch (error) {
    if (error instanceof NotRowsError) return undefined;
    throw error;
  }
}

function read(text: string): DumpReport {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(text, 'latin1'));
  return reader.finish();
}

const TWO = [
  `${HEAD} (1,-2.5,'it\\'s',NULL),(0,1e-7,'a''b\\\\',0xFF);\n`,
  `${HEAD}\n(0.5,_binary 'x\\0\\n;\n',-1.2E+10,''),\n(12,'','''','\\\\');\n`,
] as const;

describe('RowStatements', () => {
  test('gives each statement as it is, however the text comes', () => {
    for (const chunks of everySplit(Buffer.from(TWO.join(''), 'latin1')))
      expect(statementsOf(chunks)).toEqual(TWO);
  });

  test.each(['NULL', '0', '-1', '7', '1e5', '1e-5', '0x0', "''", "'a'", "_binary ''"])(
    'takes %s as the last value of all',
    (value) => {
      const text = `${HEAD} (${value},${value}),(${value});\n`;
      for (const chunks of everySplit(Buffer.from(text, 'latin1')))
        expect(statementsOf(chunks)).toEqual([text]);
    },
  );

  test('does not take what looks like a quote behind one for a quote', () => {
    for (let before = 0; before < 8; before++) {
      const text = `${HEAD} ('${'x'.repeat(before)}\\'&(','''&()(');\n`;
      for (const chunks of everySplit(Buffer.from(text, 'latin1')))
        expect(statementsOf(chunks)).toEqual([text]);
    }
  });

  test('does not take a statement that is longer than any can be, before all of it is there', () => {
    const rows = new RowStatements(Buffer.from(HEAD), new StatementBuffers(ROOM_BYTES), 300);
    const long = Buffer.from(`${HEAD} ('${'x'.repeat(400)}`);
    expect([...rows.push(Buffer.from(`${HEAD} ('${'x'.repeat(300 - HEAD.length - 6)}');\n`))]).toHaveLength(
      1,
    );
    expect(() => [...rows.push(long)]).toThrow(NotRowsError);
  });

  test('takes a statement of many chunks', () => {
    const long = `${HEAD} (1,'${'größe '.repeat(500_000)}',0x${'ab'.repeat(600_000)},${'9'.repeat(100_000)});\n`;
    const text = Buffer.from(long, 'utf8');
    const [statement, ...others] = statementsOf(randomChunks(text, 100_000, seededRandom(3))) ?? [];

    expect(statement === text.toString('latin1')).toBe(true);
    expect(others).toEqual([]);
  });

  test('takes statements of all sizes, whose memory is used again', () => {
    const random = seededRandom(8);
    const statements = Array.from({ length: 60 }, (_, n) => {
      const bytes = Math.floor(random() ** 3 * 600_000);
      return `${HEAD} (${n},'${String.fromCharCode(97 + (n % 26)).repeat(bytes)}');\n`;
    });
    const text = Buffer.from(statements.join(''));
    for (const longest of [200_000, 131_072, 5_000])
      expect(statementsOf(randomChunks(text, longest, random))).toEqual(statements);
  });

  test.each([
    ['another table', 'INSERT INTO `u` VALUES (1);\n'],
    ['another statement', 'DROP TABLE `t`;\n'],
    ['REPLACE', 'REPLACE INTO `t` VALUES (1);\n'],
    ['a statement behind', `${HEAD} (1);DROP TABLE t;\n`],
    ['two statements on one line', `${HEAD} (1); ${HEAD} (2);\n`],
    ['a comment', `${HEAD} (1) -- x\n;\n`],
    ['a comment among values', `${HEAD} (1/*!,2*/);\n`],
    ['a hash', `${HEAD} (1)#\n;\n`],
    ['minus minus', `${HEAD} (--1);\n`],
    ['a minus alone', `${HEAD} (-);\n`],
    ['a function', `${HEAD} (load_file('/etc/passwd'));\n`],
    ['a word of digits', `${HEAD} (1e+2e);\n`],
    ['a sign of no exponent', `${HEAD} (1-2);\n`],
    ['a function of digits', `${HEAD} (1e(2));\n`],
    ['a hexadecimal function', `${HEAD} (0xab());\n`],
    ['a function called NULL', `${HEAD} (NULL(1));\n`],
    ['a longer word', `${HEAD} (NULLIF(1,1));\n`],
    ['a query', `${HEAD} ((SELECT 1));\n`],
    ['a row in a row', `${HEAD} ((1,2));\n`],
    ['ON DUPLICATE KEY UPDATE', `${HEAD} (1) ON DUPLICATE KEY UPDATE a = 1;\n`],
    ['a name', `${HEAD} (\`a\`);\n`],
    ['double quotes', `${HEAD} ("a");\n`],
    ['a charset in front of a string', `${HEAD} (_latin1 'a');\n`],
    ['two strings', `${HEAD} ('a' 'b');\n`],
    ['no value', `${HEAD} ();\n`],
    ['a comma too many', `${HEAD} (1,);\n`],
    ['no row', `${HEAD};\n`],
    ['no end', `${HEAD} (1)`],
    ['no newline at the end', `${HEAD} (1);`],
    ['an open string', `${HEAD} ('a\\');\n`],
    ['a head that is cut off', HEAD.slice(0, 9)],
    ['a carriage return', `${HEAD} (1);\r\n`],
    ['a NUL', `${HEAD} (1\0);\n`],
  ])('does not take %s', (_what, text) => {
    expect(statementsOf([Buffer.from(text, 'latin1')])).toBeUndefined();
    expect(statementsOf([Buffer.from(`${TWO[0]}${text}`, 'latin1')])).toBeUndefined();
  });

  test('takes the plain rows of all dumps', () => {
    let taken = 0;
    for (const { file } of DUMPS) {
      const dump = readFileSync(dumpFile(file));
      const { script } = read(dump.toString('latin1'));
      if (!isSplittable(script)) continue;
      for (const { start, end, headBytes, isPlain, byLine, statements } of script.tables.flatMap(
        ({ rows }) => rows,
      )) {
        if (!isPlain || !byLine) continue;
        const rows = dump.subarray(start, end + 1);
        const head = dump.toString('latin1', start, start + headBytes);
        expect(statementsOf(randomChunks(rows, 50, seededRandom(taken)), head)).toHaveLength(statements);
        taken += statements;
      }
    }
    expect(taken).toBe(8);
  });
});

/** What a mutation puts in or in the place of something. */
const PIECES = [
  ...hostileDumps({ other: 'other', secretFile: '/etc/passwd', canary: '/tmp/canary' }).flatMap(({ sql }) =>
    sql.split('\n').filter((line) => line.length < 80),
  ),
  ...[
    '\\',
    "'",
    "''",
    '"',
    '`',
    ';',
    ';\n',
    '\n',
    '(',
    ')',
    ',',
    '--',
    '-- ',
    '#',
    '/*',
    '*/',
    '/*!',
    '0x',
    '1e',
    '_binary ',
  ],
  ...['NULL', 'SELECT', 'sleep(9)', '\0', '\r', '\u00ff', '@a', ':=', 'DELIMITER ;;\n', '\\!', '.'],
];

const HARMLESS = ['', '7', 'x', ',1', '.', '(2),', "','", "\\'", "''", 'e4', '0', ' ', '-3,', ';', '\\\\'];

describe('against the guard, on rows as dump tools write them', () => {
  test('takes all that create calls plain', () => {
    const random = seededRandom(27);
    const below = (n: number): number => Math.floor(random() * n);
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    /** As mysql_real_escape_string() does it. */
    const escaped = (byte: string): string =>
      ({ '\0': '\\0', '\n': '\\n', '\r': '\\r', '\u001a': '\\Z', '"': '\\"', "'": "\\'", '\\': '\\\\' })[
        byte
      ] ?? byte;
    const text = (): string =>
      Array.from({ length: below(40) }, () => escaped(bytes[below(random() < 0.5 ? 256 : 96)]!)).join('');
    const values: readonly (() => string)[] = [
      () => 'NULL',
      () => String(below(1e9)),
      () => `-${below(1000)}.${below(1000)}`,
      () => `${random() * 10 ** (below(600) - 300)}`,
      () => `-${(random() * 1e-20).toString()}`,
      () =>
        `0x${below(2 ** 31)
          .toString(16)
          .toUpperCase()}`,
      () => `0x${'AB'.repeat(below(200) + 1)}`,
      () => `_binary '${text()}'`,
      () => `'${text()}'`,
      () => '0',
      () => '00000',
    ];
    for (let round = 0; round < 1_500; round++) {
      const row = (): string =>
        `(${Array.from({ length: 1 + below(6) }, () => values[below(values.length)]!()).join(',')})`;
      const rows = Array.from({ length: 1 + below(4) }, row);
      const statement = round % 2 ? `${HEAD}\n${rows.join(',\n')};\n` : `${HEAD} ${rows.join(',')};\n`;
      const { script, unsafe } = read(`CREATE TABLE \`t\` (\`a\` int);\n${statement}`);
      if (!isSplittable(script)) throw new Error(statement);
      expect({ unsafe, isPlain: script.tables[0]?.rows[0]?.isPlain }, statement).toEqual({
        unsafe: [],
        isPlain: true,
      });
      expect(statementsOf(randomChunks(Buffer.from(statement, 'latin1'), 30, random)), statement).toEqual([
        statement,
      ]);
    }
  });
});

describe('against the guard, on texts that were changed at random', () => {
  const before = 'CREATE TABLE `t` (`a` int);\n';
  const random = seededRandom(20_261_127);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const mutated = (text: string): string => {
    const at = Math.floor(random() * text.length);
    const length = Math.floor(random() * random() * 12);
    return text.slice(0, at) + pick(random() < 0.5 ? HARMLESS : PIECES) + text.slice(at + length);
  };

  test('takes nothing that the guard refuses, or reads in another way', () => {
    let [taken, refused] = [0, 0];
    for (let round = 0; round < 6_000; round++) {
      let text = pick([TWO[0], TWO[1], TWO.join('')]);
      for (let times = 1 + Math.floor(random() * 3); times > 0; times--) text = mutated(text);
      const found = statementsOf(randomChunks(Buffer.from(text, 'latin1'), 40, random));
      if (found === undefined) {
        refused++;
        continue;
      }
      taken++;
      const { unsafe, malformed, script } = read(before + text);
      expect({ unsafe, malformed }, text).toEqual({ unsafe: [], malformed: undefined });
      if (!isSplittable(script)) throw new Error(text);
      expect(script.tables[0]?.rows.reduce((sum, { statements }) => sum + statements, 0) ?? 0, text).toBe(
        found.length,
      );
      expect(
        script.tables[0]?.rows.every(({ isPlain }) => isPlain),
        text,
      ).toBe(true);
    }
    expect(taken).toBeGreaterThan(120);
    expect(refused).toBeGreaterThan(1_000);
  });
});
