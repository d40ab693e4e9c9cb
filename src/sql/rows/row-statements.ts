import { type Block, type StatementBuffers } from './statement-buffers.ts';
import { BYTE, isDigit, isHexDigit, isNumberByte } from '../lexer/bytes.ts';
import {
  EXPONENT_BYTES,
  isExponent,
  NEXT,
  nextAt,
  NotRowsError,
  seenWhole,
  WIDTH,
  ZERO,
} from './row-values.ts';

/** One INSERT, as the bytes it is. */
export interface RowStatement {
  /** Before it are as many bytes as the buffers have room for, to be used by whoever sends it. */
  readonly bytes: Buffer;
  /** To be called when nobody looks at the bytes any more; where it is not, they are left to be collected. */
  readonly release: () => void;
}

/** Of less than this, moving what stands behind it would take longer than copying it. */
const SMALL_BYTES = 64 * 1024;

/**
 * Cuts INSERTs of one table into statements, and takes nothing but what dump tools write of rows: numbers, strings
 * with backslashes as escapes, hexadecimal digits and NULL, in parentheses and behind the same head. So whatever it
 * takes puts rows into that table, on every server, and does nothing else.
 *
 * Most of any dump passes through it: one loop over the bytes, of which strings are passed over four at a time. Memory
 * is that of the longest statement, and of those that are given out and not released.
 */
export class RowStatements {
  readonly #head: Buffer;
  readonly #buffers: StatementBuffers;
  readonly #longestBytes: number;
  #count = 0;
  #block: Block;
  /** Where what is there ends. */
  #length: number;
  /** Where the statement at hand starts; there is room before it. */
  #start: number;
  #at: number;
  #next: number = NEXT.head;

  /**
   * @param head What each begins with, up to its VALUES: `` INSERT INTO `orders` VALUES ``.
   * @param longestBytes More than that no statement has, without its newline.
   */
  constructor(head: Buffer, buffers: StatementBuffers, longestBytes = Number.POSITIVE_INFINITY) {
    this.#longestBytes = longestBytes + 1;
    this.#head = head;
    this.#buffers = buffers;
    this.#block = buffers.take(0);
    this.#start = this.#at = this.#length = buffers.roomBytes;
  }

  /**
   * @returns the statements that end in it, with `;` and newline.
   * @throws {NotRowsError}
   */
  *push(chunk: Buffer): Generator<RowStatement> {
    this.#take(chunk);
    while (this.#scan()) {
      this.#count++;
      yield this.#statement();
      this.#next = NEXT.head;
    }
    if (this.#length - this.#start > this.#longestBytes) throw new NotRowsError();
  }

  /** How many have been given. */
  get count(): number {
    return this.#count;
  }

  /**
   * Call once, after the last byte.
   *
   * @throws {NotRowsError} when a statement has no end.
   */
  finish(): void {
    if (this.#length > this.#start) throw new NotRowsError();
    this.#buffers.release(this.#block);
  }

  #take(chunk: Buffer): void {
    const { roomBytes } = this.#buffers;
    const kept = this.#length - this.#start;
    const length = roomBytes + kept + chunk.length;
    if (this.#block.bytes.length < length) this.#moveTo(this.#buffers.take(length));
    else if (this.#start > roomBytes) this.#moveTo(this.#block);
    chunk.copy(this.#block.bytes, this.#length);
    this.#length += chunk.length;
  }

  /** What is left of the statement at hand goes to the beginning of a block, which may be its own. */
  #moveTo(block: Block): void {
    const { roomBytes } = this.#buffers;
    this.#block.bytes.copy(block.bytes, roomBytes, this.#start, this.#length);
    this.#length += roomBytes - this.#start;
    this.#at += roomBytes - this.#start;
    this.#start = roomBytes;
    this.#block = block;
  }

  /** A large one goes with its memory, and what stands behind it is copied; else it is copied itself. */
  #statement(): RowStatement {
    const { roomBytes } = this.#buffers;
    const [from, to] = [this.#start - roomBytes, this.#at];
    const block = this.#block;
    this.#start = to;
    if (to - from < SMALL_BYTES) {
      const bytes = Buffer.allocUnsafe(to - from);
      block.bytes.copy(bytes, 0, from, to);
      return { bytes, release: () => undefined };
    }
    this.#moveTo(this.#buffers.take(roomBytes + this.#length - to));
    return {
      bytes: block.bytes.subarray(from, to),
      release: () => {
        this.#buffers.release(block);
      },
    };
  }

  /** Goes on from where it stopped. @returns whether the statement ends in what is there: behind it. */
  #scan(): boolean {
    const { bytes } = this.#block;
    const end = this.#length;
    let at = this.#at;
    let next = this.#next;
    for (; at < end;) {
      const byte = bytes[at] ?? 0;
      switch (next) {
        case NEXT.head:
          if (at + this.#head.length > end) return this.#stop(at, next);
          if (this.#head.compare(bytes, at, at + this.#head.length) !== 0) throw new NotRowsError();
          at += this.#head.length;
          next = NEXT.row;
          break;
        case NEXT.row:
          if (byte === BYTE.openParenthesis) next = NEXT.value;
          else if (byte !== BYTE.space && byte !== BYTE.newline) throw new NotRowsError();
          at++;
          break;
        case NEXT.value:
          if (byte === BYTE.quote) {
            at++;
            next = NEXT.inString;
          } else if (isDigit(byte) && byte !== ZERO) {
            at++;
            next = NEXT.inNumber;
          } else {
            if (at + seenWhole(byte) > end) return this.#stop(at, next);
            next = nextAt(bytes, at);
            at += WIDTH[next] ?? 1;
          }
          break;
        case NEXT.inString:
          at = this.#quoteBehind(at);
          if (at < end) next = NEXT.behindString;
          at = Math.min(at + 1, end);
          break;
        case NEXT.behindString:
          // A doubled quote stands for one.
          if (byte === BYTE.quote) at++;
          next = byte === BYTE.quote ? NEXT.inString : NEXT.behindValue;
          break;
        case NEXT.inNumber:
          while (at < end && isNumberByte(bytes[at])) at++;
          if (at >= end) break;
          if (bytes[at] === SMALL_E || bytes[at] === CAPITAL_E) {
            if (at + EXPONENT_BYTES > end) return this.#stop(at, next);
            if (!isExponent(bytes, at)) throw new NotRowsError();
            at += 2;
            next = NEXT.inExponent;
          } else next = NEXT.behindValue;
          break;
        case NEXT.inExponent:
          while (at < end && isDigit(bytes[at])) at++;
          if (at < end) next = NEXT.behindValue;
          break;
        case NEXT.inHex:
          while (at < end && isHexDigit(bytes[at] ?? 0)) at++;
          if (at < end) next = NEXT.behindValue;
          break;
        case NEXT.behindValue:
          if (byte === COMMA) next = NEXT.value;
          else if (byte === CLOSE) next = NEXT.behindRow;
          else throw new NotRowsError();
          at++;
          break;
        case NEXT.behindRow:
          if (byte === COMMA) next = NEXT.row;
          else if (byte === BYTE.semicolon) next = NEXT.newline;
          else throw new NotRowsError();
          at++;
          break;
        default:
          if (byte !== BYTE.newline) throw new NotRowsError();
          this.#at = at + 1;
          return true;
      }
    }
    return this.#stop(at, next);
  }

  #stop(at: number, next: number): false {
    this.#at = at;
    this.#next = next;
    return false;
  }

  /** The next byte that may be a quote; it may be another one that stands behind a quote, or lie behind the end. */
  #mayBeQuote(from: number): number {
    const { bytes, words } = this.#block;
    const end = this.#length;
    if (!LITTLE_ENDIAN) {
      const quote = bytes.indexOf(BYTE.quote, from);
      return quote < 0 ? end : quote;
    }
    const last = (end + 3) >> 2;
    // Of the first four, those before `from` do not count.
    let counting = -1 << ((from & 3) << 3);
    for (let index = from >> 2; index < last; index++, counting = -1) {
      const word = (words[index] ?? 0) ^ QUOTES;
      const found = (word - EACH_BYTE) & ~word & HIGH_BITS & counting;
      if (found !== 0) return (index << 2) + ((31 - Math.clz32(found & -found)) >> 3);
    }
    return end;
  }

  /** The next quote that is not escaped; the end of what is there when there is none yet. */
  #quoteBehind(from: number): number {
    const { bytes } = this.#block;
    const end = this.#length;
    for (let at = from; ;) {
      const quote = this.#mayBeQuote(at);
      if (quote >= end) return end;
      at = quote + 1;
      if (bytes[quote] !== BYTE.quote) continue;
      let before = quote - 1;
      while (bytes[before] === BYTE.backslash) before--;
      if (((quote - before) & 1) === 1) return quote;
    }
  }
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const CLOSE = 0x29;
const COMMA = 0x2c;
const SMALL_E = 0x65;
const CAPITAL_E = 0x45;
const EACH_BYTE = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const QUOTES = Math.imul(BYTE.quote, EACH_BYTE);
