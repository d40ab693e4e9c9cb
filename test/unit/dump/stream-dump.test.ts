import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { streamDump } from '../../../src/dump/stream-dump.ts';
import type { Compression } from '../../../src/compression/methods.ts';
import { randomChunks, seededRandom } from '../sql/chunks.ts';
import { DUMPS, dumpFile } from '../../fixtures/some-dumps.ts';

const gzip: Compression = { method: 'gzip', level: 6 };
const zstd: Compression = { method: 'zstd', level: 1 };
const none: Compression = { method: 'none', level: undefined };

/** A real dump, blown up so that it takes several members. */
const [dump] = DUMPS;
const small = readFileSync(dumpFile(dump.file), 'utf8');
const TEXT = Buffer.from(
  small.replace(
    'UNLOCK TABLES;',
    `${`INSERT INTO \`c\` VALUES (${'1'.repeat(250)});\n`.repeat(12_000)}UNLOCK TABLES;`,
  ),
);

async function stream(compression: Compression, text = TEXT, sink?: (bytes: Buffer) => Promise<void>) {
  const written: Buffer[] = [];
  const told: number[] = [];
  const streamed = await streamDump(
    // eslint-disable-next-line @typescript-eslint/require-await -- a source of the kind that a program's stdout is
    (async function* () {
      yield* randomChunks(text, 70_000, seededRandom(3));
    })(),
    'shop',
    compression,
    sink ?? ((bytes) => Promise.resolve(void written.push(Buffer.from(bytes)))),
    {
      env: { PATH: '/usr/bin:/bin' },
      signal: new AbortController().signal,
      onBytes: (bytes) => told.push(bytes),
    },
  );
  return { ...streamed, file: Buffer.concat(written), told };
}

describe('streamDump', () => {
  test('writes what the dump tool said, and measures it', async () => {
    const { file, outline, sizeBytes, sha256, told } = await stream(none);

    expect(file.equals(TEXT)).toBe(true);
    expect(sizeBytes).toBe(TEXT.length);
    expect(sha256).toBe(createHash('sha256').update(TEXT).digest('hex'));
    expect(outline.bytes).toBe(TEXT.length);
    expect(outline.finish()).toBe(true);
    expect(told.at(-1)).toBe(TEXT.length);
  });

  test('a table can be read without the rest, from the member at its offset', async () => {
    const { file, outline, places, sizeBytes } = await stream(gzip);
    outline.finish();

    expect(sizeBytes).toBe(file.length);
    expect(gunzipSync(file).equals(TEXT)).toBe(true);
    expect(outline.sections.map(({ table }) => table)).toEqual(dump.tables);
    for (const section of outline.sections) {
      const fromThere = gunzipSync(file.subarray(places.get(section)?.offsetBytes));
      const expected = TEXT.subarray(section.start, section.start + section.uncompressedBytes);
      expect(fromThere.subarray(0, section.uncompressedBytes).equals(expected)).toBe(true);
    }
  });

  test('zstd: small tables share a frame, behind that of the head, and the rows of a large one have their own', async () => {
    const large = Buffer.from(
      small.replace(
        'UNLOCK TABLES;',
        `${`INSERT INTO \`c\` VALUES ('${'x'.repeat(100_000)}');\n`.repeat(380)}UNLOCK TABLES;`,
      ),
    );
    const { file, outline, places } = await stream(zstd, large);
    outline.finish();

    const unpack = (bytes: Buffer): Buffer => execFileSync('zstd', ['-dc'], { input: bytes, maxBuffer: 1e9 });
    expect(unpack(file).equals(large)).toBe(true);
    const [first] = outline.sections;
    expect(places.get(first!)).toMatchObject({ skipBytes: 0 });
    expect(unpack(file.subarray(0, places.get(first!)!.offsetBytes)).length).toBe(first!.start);
    for (const place of outline.sections.flatMap((section) => [section, ...section.cuts])) {
      const { offsetBytes, skipBytes } = places.get(place)!;
      const from = unpack(file.subarray(offsetBytes)).subarray(skipBytes);
      expect(from.equals(large.subarray(place.start))).toBe(true);
      if (!('table' in place)) expect(skipBytes).toBe(0);
    }
    expect(outline.sections.flatMap(({ cuts }) => cuts).length).toBeGreaterThan(2);
    const offsets = outline.sections.map((section) => places.get(section)!.offsetBytes);
    expect(new Set(offsets).size).toBeLessThan(offsets.length);
  });

  test.each([none, gzip, zstd])('$method: rejects as the sink does', async (compression) => {
    await expect(stream(compression, TEXT, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  });

  test('takes a dump of nothing', async () => {
    const { file, outline } = await stream(gzip, Buffer.alloc(0));

    expect(file).toHaveLength(0);
    expect(outline.finish()).toBe(false);
  });
});
