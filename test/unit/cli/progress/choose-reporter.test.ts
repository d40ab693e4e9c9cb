import { expect, test } from 'vitest';
import { chooseReporter, isCi } from '../../../../src/cli/progress/choose-reporter.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';
import { fakeContext } from '../process/fake-context.ts';

test.each<{ title: string; flags: FlagValues; said: RegExp }>([
  { title: 'timestamped lines without a terminal', flags: {}, said: /^2026-11-22T03:00:00Z hello\n$/ },
  { title: 'nothing with --quiet', flags: { quiet: true }, said: /^$/ },
  {
    title: 'what --verbose asks for, even with --quiet',
    flags: { quiet: true, verbose: true },
    said: /hello/,
  },
])('chooses $title', async ({ flags, said }) => {
  const context = fakeContext();
  const reporter = await chooseReporter(context, flags);
  reporter.note('hello');

  expect(context.written.stderr).toMatch(said);
});

test.each<{ title: string; env: Record<string, string>; columns?: number; said: string }>([
  { title: 'a terminal', env: {}, said: 'hello\n' },
  { title: 'the terminal of a CI server', env: { CI: 'true' }, said: '2026-11-22T03:00:00Z hello\n' },
  { title: 'a terminal without a width', env: {}, columns: 0, said: '2026-11-22T03:00:00Z hello\n' },
  { title: 'a dumb terminal', env: { TERM: 'dumb' }, said: '2026-11-22T03:00:00Z hello\n' },
])('fits $title', async ({ env, columns = 80, said }) => {
  const context = fakeContext({ env, columns, isTty: { stdin: true, stdout: true, stderr: true } });
  const reporter = await chooseReporter(context, {});
  reporter.note('hello');

  expect(context.written.stderr).toBe(said);
});

test.each([
  [undefined, false],
  ['', false],
  ['false', false],
  ['true', true],
  ['1', true],
])('CI=%s is CI: %s', (value, ci) => {
  expect(isCi({ CI: value })).toBe(ci);
});
