import { describe, expect, test } from 'vitest';
import { planReading, type WantedSql } from '../../../../../src/backups/read/pieces/sql-ranges.ts';
import type { ManifestTable } from '../../../../../src/backups/record/manifest.ts';
import { someManifest } from '../../../cli/render/some-backups.ts';

function chunk(offsetBytes: number, endBytes: number, textOffsetBytes: number) {
  return { offsetBytes, endBytes, textOffsetBytes, uncompressedBytes: 10_000, lines: 5, statements: 5 };
}

function table(name: string, offsetBytes: number, more: Partial<ManifestTable> = {}): ManifestTable {
  return { name, engine: 'InnoDB', uncompressedBytes: 20_100, offsetBytes, ...more };
}

function rangesFor(
  tables: readonly ManifestTable[],
  wanted: Partial<WantedSql> & { readonly names?: readonly string[] },
) {
  const { file } = someManifest();
  const manifest = someManifest({ tables, file: { ...file, sizeBytes: 1200, uncompressedBytes: 100_000 } });
  const { names, rows = true, views = false } = wanted;
  const plan = planReading(manifest, { tables: names && new Set(names), rows, views });
  return (
    plan && {
      ranges: plan.ranges.map(({ fromBytes, toBytes, begins }) => [fromBytes, toBytes, begins]),
      passedOver: Object.fromEntries(plan.passedOver),
    }
  );
}

const CHUNKS = [chunk(500, 700, 30_000), chunk(700, 900, 40_000)];

/** Each section begins a member. */
const MEMBERS = [table('a', 50), table('big', 100, { chunks: CHUNKS }), table('c', 950), table('d', 1000)];

/** Small tables share a frame, with what stands behind the rows of a large one. */
const FRAMES = [
  ...[table('a', 50), table('b', 50, { skipBytes: 200 })],
  table('big', 50, { skipBytes: 300, chunks: CHUNKS }),
  ...[table('c', 900, { skipBytes: 50 }), table('d', 900, { skipBytes: 80 })],
];

describe('where each table begins a member', () => {
  test.each<[string, Parameters<typeof rangesFor>[1], unknown]>([
    [
      'a table',
      { names: ['a'] },
      [
        [0, 100, 'file'],
        [1000, undefined, 'section'],
      ],
    ],
    [
      'the last one',
      { names: ['d'] },
      [
        [0, 50, 'file'],
        [1000, undefined, 'section'],
      ],
    ],
    [
      'a large one',
      { names: ['big'] },
      [
        [0, 50, 'file'],
        [100, 950, 'section'],
        [1000, undefined, 'section'],
      ],
    ],
    [
      'neighbours',
      { names: ['c', 'd'] },
      [
        [0, 50, 'file'],
        [950, undefined, 'section'],
      ],
    ],
    [
      'views',
      { names: ['v'], views: true },
      [
        [0, 500, 'file'],
        [900, undefined, 'anywhere'],
      ],
    ],
    [
      'the schema',
      { rows: false },
      [
        [0, 500, 'file'],
        [900, undefined, 'behind-rows'],
      ],
    ],
    [
      'the schema of one',
      { names: ['big'], rows: false },
      [
        [0, 50, 'file'],
        [100, 500, 'section'],
        [900, 950, 'behind-rows'],
        [1000, undefined, 'section'],
      ],
    ],
  ])('%s', (_, wanted, ranges) => {
    expect(rangesFor(MEMBERS, wanted)?.ranges).toEqual(ranges);
  });

  test('all is read for all', () => {
    expect(rangesFor(MEMBERS, {})).toBeUndefined();
    expect(rangesFor(MEMBERS, { names: ['a', 'big', 'c', 'd'] })).toBeUndefined();
  });

  test('what is left out of a wanted table is counted', () => {
    expect(rangesFor(MEMBERS, { rows: false })?.passedOver).toEqual({ big: 20_000 });
  });
});

describe('where tables share a frame', () => {
  test.each<[string, Parameters<typeof rangesFor>[1], unknown]>([
    [
      'a table',
      { names: ['b'] },
      [
        [0, 500, 'file'],
        [900, undefined, 'anywhere'],
      ],
    ],
    [
      'one behind a large one',
      { names: ['d'] },
      [
        [0, 50, 'file'],
        [900, undefined, 'anywhere'],
      ],
    ],
    [
      'the schema',
      { rows: false },
      [
        [0, 500, 'file'],
        [900, undefined, 'behind-rows'],
      ],
    ],
    [
      'the schema of one',
      { names: ['big'], rows: false },
      [
        [0, 500, 'file'],
        [900, undefined, 'behind-rows'],
      ],
    ],
  ])('%s', (_, wanted, ranges) => {
    expect(rangesFor(FRAMES, wanted)?.ranges).toEqual(ranges);
  });

  test('a large one is all there is', () => {
    expect(rangesFor(FRAMES, { names: ['big'] })).toBeUndefined();
  });
});

test('all is read of one stream, and where chunks are not where they can be', () => {
  expect(
    rangesFor([table('a', 50), { ...table('b', 0), offsetBytes: null }], { names: ['a'] }),
  ).toBeUndefined();
  const odd = table('b', 100, { chunks: [chunk(900, 700, 1)] });
  expect(rangesFor([table('a', 50), odd], { names: ['a'] })).toBeUndefined();
});
