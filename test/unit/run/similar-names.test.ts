import { expect, test } from 'vitest';
import { nearNames } from '../../../src/run/similar-names.ts';

const NAMES = ['dir', 'label', 'compress', 'timeout', 'lock-wait'];

test.each([
  ['compres', ['compress']],
  ['compression', []],
  ['tiemout', ['timeout']],
  ['lable', ['label']],
  ['di', ['dir']],
  ['nothing-like-it', []],
])('%s is near %j', (name, near) => {
  expect(nearNames(name, NAMES)).toEqual(near);
});

test('neighbours that changed places are one mistake', () => {
  expect(nearNames('ordres', ['orders', 'address'])).toEqual(['orders']);
  expect(nearNames('sohp', ['shop'])).toEqual(['shop']);
});

test('the nearest come first, three at most', () => {
  expect(nearNames('orders', ['orders_d', 'ordered', 'order', 'orders1', 'customers'])).toEqual([
    'order',
    'orders1',
    'orders_d',
  ]);
});
