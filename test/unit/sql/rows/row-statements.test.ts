import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import type { DumpReport } from '../../../../src/sql/dump-report.ts';
import { isSplittable } from '../../../../src/sql/script/load-plan.ts';
import { NotRowsError, RowStatements } from '../../../../src/sql/rows/row-statements.ts';
import { hostileDumps } from '../../../fixtures/hostile-corpus.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { everySplit, randomChunks, seededRandom } from '../chunks.ts';

const HEAD = 'INSERT INTO `t` VALUES';

/** The statements of a text that comes in these chunks; undefined when it is refused. */
function statementsOf(chunks: readonly Buffer[], head = HEAD): readonly string[] | undefined {
  const rows = new RowStatements(Buffer.from(head, 'latin1'));
  try {
    const found = chunks.flatMap((chunk) => [...rows.push(chunk)]);
    rows.finish();
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

  test('takes a statement of many chunks', () => {
    const long = `${HEAD} (1,'${'größe '.repeat(500_000)}',0x${'ab'.repeat(600_000)},${'9'.repeat(100_000)});\n`;
    const text = Buffer.from(long, 'utf8');
    const [statement, ...others] = statementsOf(randomChunks(text, 100_000, seededRandom(3))) ?? [];

    expect(statement === text.toString('latin1')).toBe(true);
    expect(others).toEqual([]);
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
