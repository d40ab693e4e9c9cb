import type { LoadPlan, InsertRange, ScriptStatement, SessionDelta, TablePlan } from './load-plan.ts';

/** A piece of a dump that is sent to the server unchanged, apart from the edits. */
export type DumpPart =
  | { readonly kind: 'statement'; readonly statement: ScriptStatement; readonly text: Buffer }
  | {
      readonly kind: 'rows';
      readonly table: TablePlan;
      readonly settings: SessionDelta;
      /** Which of the table's INSERTs this is; 1-based. */
      readonly number: number;
      /**
       * Its bytes as latin1, without what is left out of it: the one copy that is made of them, because they are most
       * of any dump.
       */
      readonly text: string;
    };

/** The tools write statements of up to 1 MiB. */
const FIRST_BUFFER_BYTES = 1024 * 1024 + 65_536;

/** `;` and a newline. */
const END_OF_STATEMENT = Buffer.from(';\n');

type Cut =
  | { readonly start: number; readonly end: number; readonly statement: ScriptStatement }
  | { readonly start: number; readonly end: number; readonly table: TablePlan; readonly run: InsertRange };

/**
 * Cuts a dump into its statements, by the script that was made when the very same bytes were verified. Of the text
 * itself it looks at nothing but the ends of INSERTs; memory is that of the longest statement.
 */
export class DumpSplitter {
  readonly #cuts: readonly Cut[];
  readonly #numbers = new Map<TablePlan, number>();
  #next = 0;
  #offset = 0;
  /** What has come of the statement at hand; the buffer is used again for the next one. */
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  #length = 0;

  /** @param script Whole, or a part of it. */
  constructor(script: LoadPlan) {
    this.#cuts = cutsOf(script).sort((a, b) => a.start - b.start);
  }

  /** Nothing more is needed of the text. */
  get isDone(): boolean {
    return this.#next >= this.#cuts.length;
  }

  /** @param chunk Parts given out do not share its memory. */
  *push(chunk: Buffer): Generator<DumpPart> {
    const base = this.#offset;
    this.#offset += chunk.length;
    for (let cut = this.#cuts[this.#next]; cut !== undefined; cut = this.#cuts[this.#next]) {
      if (cut.start >= this.#offset) return;
      const from = Math.max(cut.start, base) - base;
      const to = Math.min(cut.end, this.#offset) - base;
      const bytes = chunk.subarray(from, to);
      const isWhole = cut.end <= this.#offset;
      if ('table' in cut) yield* this.#rows(cut, bytes, isWhole);
      else {
        this.#keep(bytes);
        if (isWhole) {
          const { statement } = cut;
          yield {
            kind: 'statement',
            statement,
            text: edited(statement, Buffer.from(this.#taken(), 'latin1')),
          };
        }
      }
      if (!isWhole) return;
      this.#next++;
    }
  }

  *#rows(
    { table, run }: Extract<Cut, { run: InsertRange }>,
    bytes: Buffer,
    isWhole: boolean,
  ): Generator<DumpPart> {
    let at = 0;
    if (!run.byLine) {
      this.#keep(bytes);
      at = bytes.length;
    }
    while (at < bytes.length) {
      const end = this.#endOfStatement(bytes, at);
      this.#keep(bytes.subarray(at, end));
      at = end ?? bytes.length;
      if (end !== undefined) yield this.#statement(table, run);
    }
    if (isWhole && this.#length > 0) yield this.#statement(table, run);
  }

  /** The index behind the newline that ends the statement. */
  #endOfStatement(bytes: Buffer, from: number): number | undefined {
    const begun = this.#length > 0 && this.#buffer[this.#length - 1] === END_OF_STATEMENT[0];
    if (begun && bytes[from] === END_OF_STATEMENT[1]) return from + 1;
    const at = bytes.indexOf(END_OF_STATEMENT, from);
    return at < 0 ? undefined : at + END_OF_STATEMENT.length;
  }

  #statement(table: TablePlan, { settings, without }: InsertRange): DumpPart {
    const number = (this.#numbers.get(table) ?? 0) + 1;
    this.#numbers.set(table, number);
    const whole = this.#taken();
    const text = without === undefined ? whole : whole.slice(0, without.start) + whole.slice(without.end);
    return { kind: 'rows', table, settings, number, text };
  }

  #keep(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (this.#buffer.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  #taken(): string {
    const text = this.#buffer.toString('latin1', 0, this.#length);
    this.#length = 0;
    return text;
  }
}

function cutsOf({ tables, afterRows, storedObjects }: LoadPlan): Cut[] {
  const statements = [
    ...tables.flatMap(({ create, values }) => [create, ...values]),
    ...afterRows.map(({ statement }) => statement),
    ...storedObjects.map(({ statement }) => statement),
  ];
  return [
    ...statements.map((statement) => ({ start: statement.start, end: statement.end, statement })),
    ...tables.flatMap((table) => table.rows.map((run) => ({ start: run.start, end: run.end, table, run }))),
  ];
}

/** @param text Of the statement, from its start. */
export function edited({ start, edits }: ScriptStatement, text: Buffer): Buffer {
  if (edits.length === 0) return text;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const edit of edits) {
    pieces.push(text.subarray(at, edit.start - start), Buffer.from(edit.replacement));
    at = edit.end - start;
  }
  return Buffer.concat([...pieces, text.subarray(at)]);
}
