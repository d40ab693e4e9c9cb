import type { DumpEdit } from '../script/text-edits.ts';

/** The owner of what applies to every database. */
export const SHARED: unique symbol = Symbol('shared');
type Owner = string | typeof SHARED;

interface Segment {
  readonly owner: Owner;
  readonly start: number;
  end: number;
  /** That which ends statements, at its end. */
  delimiter: string;
}

/** Memory is bounded; as many pieces are only in a file that was made to have them. */
const MOST_SEGMENTS = 20_000;

/**
 * Which pieces of a file are of which database: each reaches from the end of the statement before it to its own end.
 */
export class DumpSegments {
  readonly #segments: Segment[] = [];
  readonly #bytes = new Map<Owner, number>();
  #isTooMuch = false;
  #end = 0;

  add(owner: Owner, end: number, delimiter: string): void {
    this.#bytes.set(owner, (this.#bytes.get(owner) ?? 0) + end - this.#end);
    const last = this.#segments.at(-1);
    if (last?.owner === owner) {
      last.end = end;
      last.delimiter = delimiter;
    } else if (this.#segments.length < MOST_SEGMENTS)
      this.#segments.push({ owner, start: this.#end, end, delimiter });
    else this.#isTooMuch = true;
    this.#end = end;
  }

  /** Behind the last statement there are only comments. */
  finish(end: number): void {
    if (end > this.#end) this.add(SHARED, end, ';');
  }

  holds(owner: string): boolean {
    return this.#bytes.has(owner);
  }

  bytesOf(owner: string): number {
    return this.#bytes.get(owner) ?? 0;
  }

  /** There are more than are kept: the edits of a database are not all, so that no client may be given the text. */
  get isTooMuch(): boolean {
    return this.#isTooMuch;
  }

  /**
   * The edits with which the whole text becomes that of one database.
   *
   * @param edits Of the statements that stay, and of others.
   */
  editsFor(owner: string, edits: readonly DumpEdit[]): readonly DumpEdit[] {
    const dropped = this.#droppedFor(owner);
    const sorted = [...edits].sort((a, b) => a.start - b.start);
    let next = 0;
    const kept = sorted.filter(({ start, end }) => {
      while ((dropped[next]?.end ?? Infinity) <= start) next++;
      return (dropped[next]?.start ?? Infinity) >= end;
    });
    return [...kept, ...dropped].sort((a, b) => a.start - b.start);
  }

  #droppedFor(owner: string): readonly DumpEdit[] {
    const dropped: DumpEdit[] = [];
    let before = ';';
    for (const { owner: other, start, end, delimiter } of this.#segments) {
      if (other !== owner && other !== SHARED) {
        const last = dropped.at(-1);
        const from = last?.end === start ? dropped.pop() : undefined;
        dropped.push({ start: from?.start ?? start, end, replacement: '', reason: OTHERS, told: 'never' });
        // The lines that change it are dropped, too.
        const isSame = delimiter === before;
        const whole = dropped.at(-1);
        if (!isSame && whole !== undefined)
          dropped[dropped.length - 1] = { ...whole, replacement: `\nDELIMITER ${delimiter}\n` };
        continue;
      }
      before = delimiter;
    }
    return dropped;
  }
}

const OTHERS = 'the part of another database';
