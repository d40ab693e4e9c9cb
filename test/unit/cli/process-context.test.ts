import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { processContext } from '../../../src/cli/process-context.ts';

afterEach(() => (process.exitCode = undefined));

test('tells the version of the package', async () => {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');

  expect(processContext().version).toBe((JSON.parse(text) as { version: string }).version);
});

test('counts a run that ends without a word as failed', () => {
  processContext();

  expect(process.exitCode).toBe(1);
});

test('gives the signals back when nobody listens any more', () => {
  const { signals } = processContext();
  const before = process.listenerCount('SIGHUP');
  const unlisten = signals.listen(() => undefined);
  expect(process.listenerCount('SIGHUP')).toBe(before + 1);

  unlisten();
  expect(process.listenerCount('SIGHUP')).toBe(before);
});
