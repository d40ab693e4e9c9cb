import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutated, withMoreRows } from '../../../harness/mutated-dumps.ts';
import type { Pick } from '../../../harness/mutated-dumps.ts';
import { randomness } from '../../../harness/random.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { DumpSplitter, edited } from '../../../../src/sql/script/dump-splitter.ts';
import { isSplittable } from '../../../../src/sql/script/load-plan.ts';
import type { LoadPlan } from '../../../../src/sql/script/load-plan.ts';
import type { TextRange } from '../../../../src/sql/lexer/statement.ts';
import { isWord } from '../../../../src/sql/lexer/statement.ts';
import type { SqlStatement } from '../../../../src/sql/lexer/statement.ts';
import { everySplit, randomChunks } from '../chunks.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { scriptOf } from './some-scripts.ts';
import { statementsOf } from '../statements-of.ts';

/** A part as it can be compared: what it is for, and its text. */
interface Cut {
  readonly what: string;
  readonly text: string;
}

function cut(script: LoadPlan, chunks: Iterable<Buffer>): readonly Cut[] {
  const splitter = new DumpSplitter(script);
  const parts: Cut[] = [];
  for (const chunk of chunks) {
    const passing = Buffer.from(chunk);
    for (const part of splitter.push(passing)) {
      const text = latin1(part.text);
      const what =
        part.kind === 'rows'
          ? `rows ${part.number} of ${part.table.name}`
          : `statement at ${part.statement.start}`;
      parts.push({ what, text });
    }
    passing.fill(0); // the parts have no share in it
  }
  expect(splitter.isDone).toBe(true);
  return parts;
}

/** Of rows the text may come as bytes or as latin1. */
function latin1(text: Buffer | string): string {
  return typeof text === 'string' ? text : text.toString('latin1');
}

const DUMP = [
  "SET time_zone='+00:00';",
  'CREATE TABLE `t` (`a` int, `b` text);',
  "INSERT INTO `t` VALUES (1,'a;'),(2,'\\'\\\\');",
  "INSERT INTO `t` VALUES (3,'größe;;');",
  '-- a comment;',
  'REPLACE INTO `t` VALUES (4,NULL);',
  'CREATE TABLE `u;\n` (`a` int);',
  'INSERT INTO `t` VALUES (5,NULL);',
  'ALTER TABLE `t` ADD KEY (`a`);',
  'DELIMITER ;;',
  "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1;\nSET NEW.b = ';\n'; END ;;",
  'DELIMITER ;',
  'CREATE VIEW `v` AS select 1 AS `a`;',
  '',
].join('\n');

describe('DumpSplitter', () => {
  test('gives statements and rows in the order of the text', () => {
    expect(cut(scriptOf(DUMP), [Buffer.from(DUMP)])).toEqual(
      [
        { what: 'statement at 0', text: "SET time_zone='+00:00'" },
        { what: 'statement at 24', text: 'CREATE TABLE `t` (`a` int, `b` text)' },
        { what: 'rows 1 of t', text: "INSERT INTO `t` VALUES (1,'a;'),(2,'\\'\\\\');\n" },
        { what: 'rows 2 of t', text: "INSERT INTO `t` VALUES (3,'größe;;');" },
        { what: 'rows 3 of t', text: 'REPLACE INTO `t` VALUES (4,NULL);' },
        { what: expect.any(String), text: 'CREATE TABLE `u;\n` (`a` int)' },
        { what: 'rows 4 of t', text: 'INSERT INTO `t` VALUES (5,NULL);' },
        { what: expect.any(String), text: 'ALTER TABLE `t` ADD KEY (`a`)' },
        {
          what: expect.any(String),
          text: "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1;\nSET NEW.b = ';\n'; END ",
        },
        { what: expect.any(String), text: 'CREATE VIEW `v` AS select 1 AS `a`' },
      ].map(({ what, text }) => ({ what, text: Buffer.from(text).toString('latin1') })),
    );
  });

  test('gives the same parts however the text comes', () => {
    const text = Buffer.from(DUMP);
    const whole = cut(scriptOf(DUMP), [text]);

    for (const chunks of everySplit(text)) expect(cut(scriptOf(DUMP), chunks)).toEqual(whole);
  });

  test('is done as soon as nothing more is needed', () => {
    const sql = 'CREATE TABLE `t` (`a` int);\n-- and much more\n';
    const splitter = new DumpSplitter(scriptOf(sql));

    expect([...splitter.push(Buffer.from(sql.slice(0, 20)))]).toEqual([]);
    expect(splitter.isDone).toBe(false);
    expect([...splitter.push(Buffer.from(sql.slice(20, 26)))]).toHaveLength(1);
    expect(splitter.isDone).toBe(true);
  });

  test('replaces what the guard wants replaced', () => {
    const text = Buffer.from('xyz: a `b` c `d`');
    const edits = [
      { start: 107, end: 110, replacement: '`ß`' },
      { start: 113, end: 116, replacement: '' },
    ];

    const place = { start: 100, end: 116, line: 1, charset: 'utf8mb4' };
    expect(edited({ ...place, edits }, text).toString()).toBe('xyz: a `ß` c ');
    expect(edited({ ...place, edits: [] }, text)).toBe(text);
  });
});

const ROUNDS = 200;

/** Statements that a load into an empty schema does without. */
const NEEDLESS = /^(?:drop|lock|unlock|use|start|begin|commit)$/;

function isNeedless({ tokens }: SqlStatement, isInScript: (range: TextRange) => boolean): boolean {
  const [first, second] = tokens;
  if (first === undefined || NEEDLESS.test(first.text)) return true;
  if (isWord(first, 'set')) return true; // those behind the preamble are followed, not run
  if (isWord(first, 'create') && isWord(second, 'database', 'schema')) return true;
  if (isWord(first, 'alter') && isWord(second, 'database', 'schema')) return true;
  if (isWord(first, 'alter') && tokens.some((token) => isWord(token, 'disable', 'enable'))) return true;
  // Made, then dropped or made again: what stands in for a view.
  return isWord(first, 'create') && !tokens.slice(0, 8).some((token) => isInScript(token));
}

/** What a script must be for a text, whatever its bytes. */
function holdTogether(text: Buffer, script: LoadPlan, chunks: readonly Buffer[]): void {
  const bytes = ({ start, end }: TextRange): string => text.toString('latin1', start, end);
  const whole = cut(script, [text]);
  expect(cut(script, chunks)).toEqual(whole);

  const statements = statementsOf(text);
  const rows = script.tables.flatMap((table) => table.rows.map((run) => ({ table: table.name, run })));
  rows.sort((a, b) => a.run.start - b.run.start);
  for (const { name } of script.tables) {
    const own = whole.filter(({ what }) => /^rows \d+ of /.test(what) && what.endsWith(` of ${name}`));
    const ownRuns = rows.filter(({ table }) => table === name);
    expect(own.map(({ text }) => text).join('')).toBe(ownRuns.map(({ run }) => bytes(run)).join(''));
    expect(own.map(({ what }) => what)).toEqual(own.map((_, index) => `rows ${index + 1} of ${name}`));
    expect(own).toHaveLength(ownRuns.reduce((sum, { run }) => sum + run.statements, 0));
  }

  // Each piece is one statement, as the reader found it.
  const inserts = statements.filter(({ shape }) => shape === 'rows');
  const runOf = (at: SqlStatement) =>
    rows.find(({ run }) => run.start <= at.start && at.textEnd <= run.end)?.run;
  const pieces = whole.filter(({ what }) => what.startsWith('rows '));
  const covered = inserts.flatMap((insert) => {
    const run = runOf(insert);
    return run === undefined
      ? []
      : [bytes({ start: insert.start, end: run.byLine ? insert.end : insert.textEnd })];
  });
  expect(pieces.map(({ text }) => text.replace(/(?<=;)\n$/, ''))).toEqual(covered);

  // Nothing that matters is left behind, and nothing else is in it.
  const inScript = [
    ...script.preamble,
    ...script.tables.flatMap(({ create, values }) => [create, ...values]),
    ...script.afterRows.map(({ statement }) => statement),
    ...script.storedObjects.map(({ statement }) => statement),
  ];
  const texts = new Map(
    whole.map(({ what, text: each }) => [Number(what.replace('statement at ', '')), each]),
  );
  const starts = new Map(statements.map((statement) => [statement.start, statement]));
  for (const each of inScript) {
    expect(bytes(each)).toBe(bytes({ start: each.start, end: starts.get(each.start)?.textEnd ?? -1 }));
    expect(texts.get(each.start)).toBe(edited(each, Buffer.from(bytes(each), 'latin1')).toString('latin1'));
  }
  const isInScript = ({ start, end }: TextRange): boolean =>
    inScript.some((each) => each.start <= start && end <= each.end) ||
    rows.some(({ run }) => run.start <= start && end <= run.end);
  for (const statement of statements)
    if (!isInScript({ start: statement.start, end: statement.textEnd }) && !isNeedless(statement, isInScript))
      expect.unreachable(`left behind: ${bytes(statement)}`);
}

describe('a splitter and what the guard found, of texts that are changed at random', () => {
  test.each(DUMPS)('$file', ({ file }) => {
    const { seed, next } = randomness();
    const pick: Pick = (below) => Math.floor(next() * below);
    const original = withMoreRows(readFileSync(dumpFile(file)));
    let scripted = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const text = round === 0 ? original : mutated(original, pick);
      const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
      const longest = [1, 7, 300, 20_000][round % 4] ?? 1;
      for (const chunk of randomChunks(text, longest, next)) reader.push(chunk);
      const { script, unsafe, malformed } = reader.finish();
      if (unsafe.length > 0 || malformed !== undefined || !isSplittable(script)) continue;
      scripted++;
      try {
        holdTogether(text, script, randomChunks(text, longest, next));
      } catch (error) {
        const shown = text.equals(original) ? '' : firstDifference(text, original);
        throw new Error(`DBBACKUP_TEST_SEED=${seed}, round ${round}${shown}`, { cause: error });
      }
    }
    // Else it would be a test of nothing.
    expect(scripted).toBeGreaterThan(ROUNDS / 5);
  });
});

function firstDifference(text: Buffer, original: Buffer): string {
  const at = text.findIndex((byte, index) => byte !== original[index]);
  return `, near ${JSON.stringify(text.toString('latin1', Math.max(0, at - 60), at + 120))}`;
}
