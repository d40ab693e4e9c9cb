import { describe, expect, test } from 'vitest';
import { chooseEndpoint, type Given, RANK } from '../../../../src/settings/connection/choose-endpoint.ts';

const flag = (value: string): Given => ({ value, source: '--flag', rank: RANK.flag });
const ours = (value: string): Given => ({ value, source: 'DBBACKUP_X', rank: RANK.environment });
const file = (value: string, index = 1): Given => ({
  value,
  source: `/${index}.cnf [client]`,
  rank: RANK.firstOptionFile + index,
});
const theirs = (value: string): Given => ({ value, source: 'MYSQL_X', rank: RANK.mysqlVariable });

const tcp = (host: string, port = 3306) => ({ kind: 'tcp', host, port });
const socket = (path: string) => ({ kind: 'socket', path });

type Choice = Partial<Record<'host' | 'port' | 'socket' | 'protocol', Given>>;
const choose = ({ host, port, socket: path, protocol }: Choice) =>
  chooseEndpoint({ host, port, socket: path, protocol });

describe('chooseEndpoint', () => {
  test.each<[string, Choice, object | undefined]>([
    ['nothing: the default socket', {}, undefined],
    ['localhost: the default socket', { host: flag('LocalHost') }, undefined],
    ['a host: TCP', { host: flag('db') }, tcp('db')],
    ['an IPv6 host in brackets', { host: flag('[::1]'), port: flag('33') }, tcp('::1', 33)],
    ['a host of a flag over the socket of a file', { host: flag('db'), socket: file('/s') }, tcp('db')],
    ['MYSQL_HOST over the socket of a file, as mysql', { host: theirs('db'), socket: file('/s') }, tcp('db')],
    ['the socket of a flag over the host of a file', { host: file('db'), socket: flag('/s') }, socket('/s')],
    ['DBBACKUP_SOCKET over MYSQL_HOST', { host: theirs('db'), socket: ours('/s') }, socket('/s')],
    ['--host over DBBACKUP_SOCKET', { host: flag('db'), socket: ours('/s') }, tcp('db')],
    ['a port alone: TCP', { port: flag('3307') }, tcp('127.0.0.1', 3307)],
    [
      'localhost and a port from one place: TCP',
      { host: ours('localhost'), port: ours('33') },
      tcp('127.0.0.1', 33),
    ],
    [
      '--host localhost with a weaker port: the socket',
      { host: flag('localhost'), port: ours('33') },
      undefined,
    ],
    ['--port over the socket of a file', { port: flag('33'), socket: file('/s') }, tcp('127.0.0.1', 33)],
    ['--port with --socket: the socket', { port: flag('33'), socket: flag('/s') }, socket('/s')],
    [
      'port and socket of one file: the socket, as mysql',
      { port: file('33'), socket: file('/s') },
      socket('/s'),
    ],
    ['the port of a later file', { port: file('33', 2), socket: file('/s', 1) }, tcp('127.0.0.1', 33)],
    ['the socket of a later file', { port: file('33', 1), socket: file('/s', 2) }, socket('/s')],
    ['MYSQL_TCP_PORT with a socket in a file', { port: theirs('33'), socket: file('/s') }, socket('/s')],
    ['protocol=tcp', { protocol: file('TCP'), socket: file('/s') }, tcp('127.0.0.1')],
    ['--socket over protocol=tcp', { protocol: file('tcp'), socket: flag('/s') }, socket('/s')],
  ])('%s', (_, given, endpoint) => {
    expect(choose(given).endpoint).toEqual(endpoint);
  });

  test('says why localhost became TCP', () => {
    expect(choose({ host: file('localhost'), port: flag('33') }).sources).toEqual({
      host: 'TCP, because of --flag',
      port: '--flag',
    });
  });

  test.each(['0', '65536', '-1', '33x', '3.5', ''])('refuses %j as a port', (port) => {
    expect(() => choose({ host: flag('db'), port: flag(port) })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringContaining('--flag is not a number from 1'),
      }),
    );
  });

  test.each([
    [flag('db'), flag('/s')],
    [ours('db'), ours('/s')],
  ])('refuses a host and a socket from the same place', (host, path) => {
    expect(() => choose({ host, socket: path })).toThrow(/two different servers/);
  });
});
