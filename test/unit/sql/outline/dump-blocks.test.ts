import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../../../src/sql/outline/dump-outline.ts';
import { SqlBlocks } from '../../../../src/sql/outline/dump-blocks.ts';
import { randomChunks, seededRandom } from '../chunks.ts';
import { DUMPS, dumpFile, ODD_DUMP } from '../../../fixtures/some-dumps.ts';

/** Longer than the longest heading, so that a cut can always be made. */
const BLOCK_BYTES = 4096;

interface Cut {
  readonly text: Buffer;
  readonly offset: number;
  readonly place: Place | undefined;
}

/** The blocks of a text that comes in these chunks; each is held for a while, and its memory then given back. */
function cut(
  chunks: readonly Buffer[],
  heldBlocks: number,
): { readonly blocks: readonly Cut[]; readonly outline: SqlBlocks['outline'] } {
  const sql = new SqlBlocks(BLOCK_BYTES);
  const blocks: Cut[] = [];
  const held: (() => void)[] = [];
  let offset = 0;
  const take = (pending: ReturnType<SqlBlocks['push']>): void => {
    for (const { bytes, place, release } of pending) {
      const text = Buffer.from(bytes);
      blocks.push({ text, offset, place });
      offset += text.length;
      // Whoever compresses it reads it later: it must not have changed by then.
      held.push(() => {
        expect(bytes.equals(text)).toBe(true);
        release();
      });
      if (held.length > heldBlocks) held.shift()?.();
    }
  };
  for (const chunk of chunks) take(sql.push(chunk));
  take(sql.finish());
  for (const release of held) release();
  return { blocks, outline: sql.outline };
}

describe('SqlBlocks', () => {
  const texts = [...DUMPS.map(({ file }) => readFileSync(dumpFile(file))), ODD_DUMP];

  test.each(texts.map((text) => ({ text })))(
    'cuts dump %# at the start of each section, however it comes',
    ({ text }) => {
      const random = seededRandom(7);
      const splits = [
        [text],
        Array.from(text, (byte) => Buffer.of(byte)),
        ...Array.from({ length: 40 }, (_, round) =>
          randomChunks(text, [5, 200, 4000][round % 3] ?? 1, random),
        ),
      ];
      for (const [round, chunks] of splits.entries()) {
        const { blocks, outline } = cut(chunks, round % 4);
        outline.finish();

        expect(Buffer.concat(blocks.map((block) => block.text)).equals(text), `split ${round}`).toBe(true);
        expect(Math.max(...blocks.map((block) => block.text.length))).toBeLessThanOrEqual(BLOCK_BYTES);
        expect(Math.min(...blocks.map((block) => block.text.length))).toBeGreaterThan(0);
        const marked = blocks.flatMap(({ place, offset }) => (place ? [{ place, offset }] : []));
        expect(marked.map(({ place }) => place)).toEqual(outline.sections);
        expect(marked.map(({ offset }) => offset)).toEqual(outline.sections.map(({ start }) => start));
      }
    },
  );

  test('uses the memory of released blocks again', () => {
    const sql = new SqlBlocks(BLOCK_BYTES);
    const seen = new Set<ArrayBufferLike>();
    for (let round = 0; round < 200; round++) {
      for (const { bytes, release } of sql.push(Buffer.from('INSERT INTO t VALUES (1);\n'.repeat(90)))) {
        seen.add(bytes.buffer);
        release();
      }
    }

    expect(seen.size).toBeLessThanOrEqual(2);
  });

  test('gives nothing for nothing', () => {
    expect(cut([Buffer.alloc(0)], 0).blocks).toEqual([]);
  });

  test.each([1, 2, 3])('takes a text of exactly %i blocks', (count) => {
    const text = Buffer.alloc(count * BLOCK_BYTES, 'x');

    expect(cut([text], 0).blocks.map((block) => block.text.length)).toEqual(Array(count).fill(BLOCK_BYTES));
  });
});
