import { expect, test } from 'vitest';
import { objectNamed, objectText } from '../../../../src/sql/definitions/database-object.ts';

test.each([
  { kind: 'procedure', name: 'add_order' },
  { kind: 'package', name: 'tools' },
  { kind: 'package body', name: 'tools' },
  { kind: 'view', name: 'of two words\nand two lines' },
] as const)('$kind $name is read as it is written', (object) => {
  expect(objectNamed(objectText(object))).toEqual(object);
});

test('a kind that only a later server has is taken as it is', () => {
  expect(objectNamed('library maths')).toEqual({ kind: 'library', name: 'maths' });
});
