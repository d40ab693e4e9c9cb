import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { processContext } from '../../../../src/cli/process/process-context.ts';

afterEach(() => (process.exitCode = undefined));

test('tells the version of the package', async () => {
  const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');

  expect(processContext().version).toBe((JSON.parse(text) as { version: string }).version);
});

test('counts a run that ends without a word as failed', () => {
  processContext();

  expect(process.exitCode).toBe(1);
});

test('calls nobody back who does not listen any more; a signal then ends the process', () => {
  const { signals } = processContext();
  const before = process.listeners('SIGHUP');
  const added = () => process.listeners('SIGHUP').filter((listener) => !before.includes(listener));
  const unlisten = signals.listen(() => undefined);
  const [listening] = added();

  unlisten();

  const [ending, ...others] = added();
  process.off('SIGHUP', ending!);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, ending!);
  expect(others).toEqual([]);
  expect(ending).not.toBe(listening);
  expect(ending!.name).toBe('endOfItself');
});
