import { describe, expect, test } from 'vitest';
import type { Flavour } from '../../../../src/server/connect/flavour.ts';
import { liftsStatementLimit, packetFor } from '../../../../src/server/instance/packet-size.ts';

const MEBIBYTE = 1024 ** 2;

describe('packetFor', () => {
  test.each([
    [1, 2048],
    [MEBIBYTE - 2000, MEBIBYTE],
    [MEBIBYTE, 2 * MEBIBYTE], // what comes with a statement counts, too
    [900 * MEBIBYTE, 1024 * MEBIBYTE],
    [1024 * MEBIBYTE, 1024 * MEBIBYTE],
  ])('for a statement of %d bytes: %d', (statementBytes, packetBytes) => {
    expect(packetFor(statementBytes)).toBe(packetBytes);
  });
});

describe('liftsStatementLimit', () => {
  test.each<{ server: Flavour; flavour: Flavour; options: string[]; lifts: boolean }>([
    { server: 'mysql', flavour: 'mysql', options: ['init-command'], lifts: true },
    { server: 'mysql', flavour: 'mysql', options: [], lifts: false },
    { server: 'mariadb', flavour: 'mariadb', options: [], lifts: true },
    { server: 'mariadb', flavour: 'mysql', options: ['init-command'], lifts: false },
  ])('$flavour with $options at a $server server: $lifts', ({ server, flavour, options, lifts }) => {
    expect(liftsStatementLimit(server, { flavour, options: new Set(options) })).toBe(lifts);
  });
});
