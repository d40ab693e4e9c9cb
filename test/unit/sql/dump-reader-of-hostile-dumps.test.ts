import { expect, test } from 'vitest';
import { DumpReader } from '../../../src/sql/dump-reader.ts';
import { dumpWith, hostileDumps } from '../../fixtures/hostile-corpus.ts';

const DUMPS = hostileDumps({ other: 'canary', secretFile: '/secret', canary: '/tmp/canary' });

test.each(DUMPS)('$kind is refused: $sql', (dump) => {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(dumpWith(dump)));
  const { unsafe, outside, malformed } = reader.finish();
  expect([...unsafe, ...outside, ...(malformed === undefined ? [] : [malformed])]).not.toEqual([]);
});

test('the corpus is large, and each of it is there once', () => {
  expect(new Set(DUMPS.map(({ sql }) => sql)).size).toBe(DUMPS.length);
  expect(DUMPS.length).toBeGreaterThan(200);
});
