import { expect, test } from 'vitest';
import { DumpReader } from '../../../src/sql/dump-reader.ts';
import { OTHER_DUMPS, PRODUCERS } from '../../fixtures/programs/other-dumps.ts';

/** What is made of them on a server, a part of them shows in the integration tests, and all in the campaign. */
test.each(PRODUCERS.map(({ name }) => name))('the guard takes every release of %s', (name) => {
  const dumps = OTHER_DUMPS.filter(({ title }) => title.startsWith(`${name} `));
  expect(dumps.length).toBeGreaterThan(1);
  for (const { title, bytes } of dumps) {
    const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
    reader.push(bytes('shop'));
    const { unsafe, malformed } = reader.finish();
    expect({ title, unsafe, malformed }).toEqual({ title, unsafe: [], malformed: undefined });
  }
});
