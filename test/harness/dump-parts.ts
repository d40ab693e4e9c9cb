import assert from 'node:assert/strict';
import { DumpReader } from '../../src/sql/dump-reader.ts';
import { DumpSplitter, edited } from '../../src/sql/script/dump-splitter.ts';
import { isSplittable } from '../../src/sql/script/load-plan.ts';
import type { LoadPlan } from '../../src/sql/script/load-plan.ts';
import { isWord } from '../../src/sql/lexer/statement.ts';
import type { SqlStatement, TextRange } from '../../src/sql/lexer/statement.ts';
import { randomChunks } from '../unit/sql/chunks.ts';
import { statementsOf } from '../unit/sql/statements-of.ts';

/** A part as it can be compared: what it is for, and its text. */
export interface Cut {
  readonly what: string;
  readonly text: string;
}

/** The parts that a splitter gives of a text, in its order. */
export function cut(script: LoadPlan, chunks: Iterable<Buffer>): readonly Cut[] {
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
  assert(splitter.isDone);
  return parts;
}

/** Of rows the text may come as bytes or as latin1. */
function latin1(text: Buffer | string): string {
  return typeof text === 'string' ? text : text.toString('latin1');
}

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
  assert.deepEqual(cut(script, chunks), whole);

  const statements = statementsOf(text);
  const rows = script.tables.flatMap((table) => table.rows.map((run) => ({ table: table.name, run })));
  rows.sort((a, b) => a.run.start - b.run.start);
  for (const { name } of script.tables) {
    const own = whole.filter(({ what }) => /^rows \d+ of /.test(what) && what.endsWith(` of ${name}`));
    const ownRuns = rows.filter(({ table }) => table === name);
    assert.equal(own.map(({ text }) => text).join(''), ownRuns.map(({ run }) => bytes(run)).join(''));
    assert.deepEqual(
      own.map(({ what }) => what),
      own.map((_, index) => `rows ${index + 1} of ${name}`),
    );
    assert.equal(
      own.length,
      ownRuns.reduce((sum, { run }) => sum + run.statements, 0),
    );
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
  assert.deepEqual(
    pieces.map(({ text }) => text.replace(/(?<=;)\n$/, '')),
    covered,
  );

  // Nothing that matters is left behind, and nothing else is in it.
  const inScript = [
    ...script.tables.flatMap(({ create, values }) => [create, ...values]),
    ...script.afterRows.map(({ statement }) => statement),
    ...script.storedObjects.map(({ statement }) => statement),
  ];
  const texts = new Map(
    whole.map(({ what, text: each }) => [Number(what.replace('statement at ', '')), each]),
  );
  const starts = new Map(statements.map((statement) => [statement.start, statement]));
  for (const each of inScript) {
    assert.equal(bytes(each), bytes({ start: each.start, end: starts.get(each.start)?.textEnd ?? -1 }));
    assert.equal(texts.get(each.start), edited(each, Buffer.from(bytes(each), 'latin1')).toString('latin1'));
  }
  const isInScript = ({ start, end }: TextRange): boolean =>
    inScript.some((each) => each.start <= start && end <= each.end) ||
    rows.some(({ run }) => run.start <= start && end <= run.end);
  for (const statement of statements)
    if (!isInScript({ start: statement.start, end: statement.textEnd }) && !isNeedless(statement, isInScript))
      assert.fail(`left behind: ${bytes(statement)}`);
}

/**
 * Holds a splitter to what the guard has found in a text: it must give every statement and every row of the load's
 * script, whatever pieces the text comes in.
 *
 * @param longest Of a piece, in bytes.
 * @returns false when the guard does not let the text be loaded by a script.
 * @throws {AssertionError}
 */
export function splitsAsTheGuardReads(text: Buffer, longest: number, random: () => number): boolean {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  for (const chunk of randomChunks(text, longest, random)) reader.push(chunk);
  const { script, unsafe, malformed } = reader.finish();
  if (unsafe.length > 0 || malformed !== undefined || !isSplittable(script)) return false;
  holdTogether(text, script, randomChunks(text, longest, random));
  return true;
}
