import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { OLDEST_NODE } from '../../../src/run/node-version.ts';
import { isOlder, isSameVersion } from '../../../src/server/connect/version.ts';

test('the oldest Node.js is the one that package.json names', async () => {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  const { engines } = JSON.parse(text) as { engines: { node: string } };

  expect(engines.node).toMatch(/^>=/);
  expect(isSameVersion(engines.node.slice(2), OLDEST_NODE)).toBe(true);
  expect(isOlder('20.18.1', OLDEST_NODE)).toBe(true);
});
