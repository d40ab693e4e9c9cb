import { describe, expect, test } from 'vitest';
import {
  isAnotherServer,
  isSameServer,
  serverText,
} from '../../../../src/server/instance/server-identity.ts';

const TCP = { host: 'db', port: 3306 };
const SOCKET = { host: '', port: 0 };

describe('two servers', () => {
  test.each([
    {
      title: 'of one identity are one, however they were reached',
      other: { ...SOCKET, identity: 'a' },
      is: 'same',
    },
    {
      title: 'of two identities are two, reached in the same way',
      other: { ...TCP, identity: 'b' },
      is: 'another',
    },
    {
      title: 'of which one says nothing are taken for one when reached in the same way',
      other: TCP,
      is: 'same',
    },
    { title: 'of which one says nothing are never two for certain', other: SOCKET, is: 'neither' },
  ])('$title', ({ other, is }) => {
    const one = { ...TCP, identity: 'a' };

    expect(isSameServer(one, other)).toBe(is === 'same');
    expect(isAnotherServer(one, { identity: undefined, ...other })).toBe(is === 'another');
  });
});

test.each([
  [{ ...TCP, name: 'db1:3306' }, 'db:3306 (db1:3306)'],
  [{ ...TCP, name: 'db:3306' }, 'db:3306'],
  [TCP, 'db:3306'],
  [{ host: '::1', port: 3306 }, '[::1]:3306'],
  [{ ...SOCKET, name: 'db1:3306' }, 'db1:3306'],
  [SOCKET, 'a socket'],
])('%o is called %s', (server, text) => {
  expect(serverText(server)).toBe(text);
});
