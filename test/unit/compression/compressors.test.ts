import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openCompressor } from '../../../src/compression/compressors.ts';
import type { FilePlace, Sink } from '../../../src/compression/codec.ts';
import type { Compression } from '../../../src/compression/methods.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { descendantsOf } from '../../harness/processes.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const PATH = '/usr/bin:/bin';
const gzip: Compression = { method: 'gzip', level: 6 };
const zstd: Compression = { method: 'zstd', level: 3 };
const none: Compression = { method: 'none', level: undefined };

/** Compresses the blocks through one piece of memory that is overwritten as soon as it is free again. */
async function compress(
  compression: Compression,
  blocks: readonly Buffer[],
  { sink, path = PATH, isAlone = false }: { sink?: Sink; path?: string; isAlone?: boolean } = {},
) {
  const written: Buffer[] = [];
  const places: FilePlace[] = [];
  const context = { env: { PATH: path }, signal: new AbortController().signal };
  const compressor = await openCompressor(
    compression,
    sink ?? ((bytes) => Promise.resolve(void written.push(Buffer.from(bytes)))),
    context,
  );
  for (const block of blocks) {
    const memory = Buffer.from(block);
    await compressor.write(memory, { isAlone, onPlace: (place) => void places.push(place) }, () =>
      memory.fill('!'),
    );
  }
  await compressor.end();
  return { file: Buffer.concat(written), places, starts: places.map(({ offsetBytes }) => offsetBytes) };
}

/** Blocks of unequal length, so that they would overtake each other if they could. */
const BLOCKS = Array.from({ length: 30 }, (_, index) =>
  Buffer.from(`block ${index} `.repeat(index % 3 === 0 ? 40_000 : 5)),
);
const TEXT = Buffer.concat(BLOCKS);

describe('openCompressor', () => {
  test('none: writes the blocks as they are, and tells where each starts', async () => {
    const { file, starts } = await compress(none, BLOCKS);

    expect(file.equals(TEXT)).toBe(true);
    expect(starts.map((at, index) => file.subarray(at, starts[index + 1]).equals(BLOCKS[index]!))).toEqual(
      BLOCKS.map(() => true),
    );
  });

  test('gzip: one member a block, in order, each readable by itself', async () => {
    const { file, starts } = await compress(gzip, BLOCKS);

    expect(gunzipSync(file).equals(TEXT)).toBe(true);
    for (const [index, at] of starts.entries()) {
      expect(gunzipSync(file.subarray(at, starts[index + 1])).equals(BLOCKS[index]!)).toBe(true);
    }
    expect(starts).toHaveLength(BLOCKS.length);
  });

  test('gzip: small members are written together, and each is readable by itself', async () => {
    const small = Array.from({ length: 3_000 }, (_, index) => randomBytes(50 + (index % 40)));
    const pieces: Buffer[] = [];
    const { starts } = await compress(gzip, small, {
      sink: (bytes) => Promise.resolve(void pieces.push(Buffer.from(bytes))),
    });
    const file = Buffer.concat(pieces);

    expect(starts).toHaveLength(small.length);
    for (const [index, at] of starts.entries())
      expect(gunzipSync(file.subarray(at, starts[index + 1])).equals(small[index]!)).toBe(true);
    expect(pieces.length).toBe(Math.ceil(file.length / pieces[0]!.length));
    expect(pieces.length).toBeLessThan(6);
    expect(pieces[0]!.length).toBeLessThan(70_000);
  });

  test('gzip: rejects as the sink does, of small members too', async () => {
    const small = Array.from({ length: 2_000 }, () => randomBytes(100));

    await expect(
      compress(gzip, small, { sink: () => Promise.reject(new Error('no space left')) }),
    ).rejects.toThrow('no space left');
  });

  test('gzip: as many large members are under way with small ones before them as without', async () => {
    const accepted = async (sizes: readonly number[]): Promise<number> => {
      const blocked: Sink = () => new Promise(() => undefined);
      const compressor = await openCompressor(gzip, blocked, {
        env: { PATH },
        signal: new AbortController().signal,
      });
      let large = 0;
      const writeAll = async (): Promise<void> => {
        for (const size of sizes) {
          await compressor.write(randomBytes(size), undefined, () => undefined);
          if (size > 16_384) large += 1;
        }
      };
      void writeAll();
      await sleep(100);
      return large;
    };
    const eight = Array.from({ length: 8 }, () => 100_000);

    expect(await accepted(eight)).toBe(5); // the sixth waits until there is room
    expect(await accepted(eight.flatMap((size) => [100, size]))).toBe(5);
  });

  test('gzip: is one file to gunzip, and smaller with a higher level', async () => {
    const { file } = await compress({ method: 'gzip', level: 9 }, BLOCKS);
    const fast = await compress({ method: 'gzip', level: 1 }, BLOCKS);

    expect(execFileSync('gunzip', ['-c'], { input: file, maxBuffer: 1e9 }).equals(TEXT)).toBe(true);
    expect(file.length).toBeLessThan(fast.file.length);
  });

  test('zstd: blocks share frames, but for those that have to be alone', async () => {
    const unpack = (bytes: Buffer): Buffer => execFileSync('zstd', ['-dc'], { input: bytes, maxBuffer: 1e9 });
    const shared = await compress(zstd, BLOCKS);
    const alone = await compress(zstd, BLOCKS, { isAlone: true });

    for (const { file, places } of [shared, alone]) {
      expect(unpack(file).equals(TEXT)).toBe(true);
      let at = 0;
      for (const [index, { offsetBytes, skipBytes }] of places.entries()) {
        expect(unpack(file.subarray(offsetBytes)).subarray(skipBytes).equals(TEXT.subarray(at))).toBe(true);
        at += BLOCKS[index]!.length;
      }
    }
    expect(new Set(shared.starts).size).toBe(1);
    expect(new Set(alone.starts).size).toBe(BLOCKS.length);
    expect(alone.places.every(({ skipBytes }) => skipBytes === 0)).toBe(true);
  });

  test.each([none, gzip, zstd])('$method: rejects as the sink does', async (compression) => {
    let room = 2;
    const full: Sink = () => (room-- > 0 ? Promise.resolve() : Promise.reject(new Error('no space left')));
    const noise = Array.from({ length: 40 }, () => randomBytes(200_000));

    await expect(compress(compression, noise, { sink: full, isAlone: true })).rejects.toThrow(
      'no space left',
    );
  });

  test('zstd: says what to install where it is missing', async () => {
    await expect(compress(zstd, BLOCKS, { path: '/nonexistent' })).rejects.toMatchObject({
      code: 'tool-missing',
      message: 'zstd is not installed or not on the PATH.',
      hint: 'apt install zstd, or use --compress gzip.',
    });
  });

  test.each([
    ['zstd-that-fails.sh', 'zstd failed (exit 70): zstd: error 70 : made up: cannot allocate'],
    ['zstd-that-is-killed.sh', 'zstd was killed (SIGKILL).'],
    ['zstd-that-stops-early.sh', 'zstd ended before it had read everything.'],
  ])('%s: stops at once, and says how it ended', async (program, message) => {
    const folder = await temporaryFolder();
    symlinkSync(join(REPOSITORY, 'test/fixtures/bin', program), join(folder, 'zstd'));
    const endless = Array.from({ length: 500 }, () => Buffer.alloc(200_000, 'x'));

    await expect(compress(zstd, endless, { path: `${folder}:${PATH}` })).rejects.toMatchObject({
      code: 'failed',
      message,
      hint: expect.stringContaining('--compress gzip'),
    });
  });
});

test('zstd that is disposed half-way has ended', async () => {
  const running = () => descendantsOf(process.pid).filter(({ command }) => command.includes('zstd -3'));
  {
    const context = { env: { PATH }, signal: new AbortController().signal };
    await using compressor = await openCompressor(zstd, () => Promise.resolve(), context);
    const entry = { isAlone: true, onPlace: ignore };
    for (let frame = 0; frame < 2; frame++) await compressor.write(RANDOM, entry, ignore);
    await waitFor('zstd to run', () => running().length > 0);
  }

  expect(running()).toEqual([]);
});

const ignore = () => undefined;
/** Takes zstd a while. */
const RANDOM = randomBytes(16 * 1024 * 1024);
