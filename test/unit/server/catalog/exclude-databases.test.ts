import { expect, test } from 'vitest';
import { excludeDatabases } from '../../../../src/server/catalog/exclude-databases.ts';

const NAMES = ['blog', 'shop', 'shop_test', 'test_1', 'test_10', 'a.b', 'a+b', '[x]', 'Shop', 'zwölf\n'];

test.each([
  ['shop', ['shop']],
  ['shop*', ['shop', 'shop_test']],
  ['test_?', ['test_1']],
  ['*test*', ['shop_test', 'test_1', 'test_10']],
  ['a.b', ['a.b']],
  ['a+b', ['a+b']],
  ['[x]', ['[x]']],
  ['?x?', ['[x]']],
  ['zw?lf*', ['zwölf\n']],
  ['*', NAMES],
] as const)('%s leaves out %j', (pattern, out) => {
  const { kept, idle } = excludeDatabases(NAMES, [pattern]);

  expect(NAMES.filter((name) => !kept.includes(name))).toEqual(out);
  expect(idle).toEqual([]);
});

test('patterns that leave none out are named', () => {
  expect(excludeDatabases(NAMES, ['blog', 'nothing', 'sh?'])).toEqual({
    kept: NAMES.slice(1),
    idle: ['nothing', 'sh?'],
  });
});
