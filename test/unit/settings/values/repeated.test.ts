import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../../src/cli/arguments/parse-command-line.ts';
import { joinValues, splitValues } from '../../../../src/settings/values/repeated.ts';

test.each([[['a']], [['a', 'b', 'a']], [['a,b', ' c\n']], [['']], [['', 'x', '']]])(
  'what is joined comes apart again: %j',
  (values) => {
    expect(splitValues(joinValues(...values))).toEqual(values);
  },
);

test('an option that is given several times keeps every value, in their order', () => {
  const parsed = parseCommandLine(['restore', '--table', 'b', 'latest', '--table=a,c', '--table', 'b'], 80);

  expect(parsed.kind === 'run' ? splitValues(String(parsed.flags.table)) : parsed).toEqual(['b', 'a,c', 'b']);
});
