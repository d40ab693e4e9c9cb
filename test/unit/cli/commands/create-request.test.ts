import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../../src/cli/commands/create-request.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';

const CONNECTION: Connection = {
  endpoint: { kind: 'socket', path: '/s' },
  user: 'root',
  password: undefined,
  ssl: { mode: 'PREFERRED' },
  database: undefined,
  sources: {},
};

function request(
  operands: string[],
  flags: FlagValues = {},
  options: { database?: string; tty?: boolean } = {},
) {
  const connection = { ...CONNECTION, database: options.database };
  const place = { cwd: '/work', program: 'npx dbbackup', stdoutIsTty: options.tty ?? false };
  return createRequest(operands, connection, lookup(flags, flags, {}), place);
}

describe('createRequest', () => {
  test('fills in what was not said', () => {
    expect(request(['shop'])).toMatchObject({
      directory: '/work/backups',
      databases: ['shop'],
      allDatabases: false,
      label: 'manual',
      compression: { method: 'gzip', level: 6 },
      destination: { kind: 'directory' },
      allowEmpty: false,
      skip: { routines: false, events: false, triggers: false },
      lockWaitMs: 0,
    });
  });

  test('takes what was said', () => {
    const flags = {
      label: 'x',
      compress: 'none',
      'skip-events': true,
      'lock-wait': '5s',
      dir: '/b',
    } as const;

    expect(request(['shop'], flags)).toMatchObject({
      directory: '/b',
      label: 'x',
      compression: { method: 'none' },
      skip: { routines: false, events: true, triggers: false },
      lockWaitMs: 5000,
    });
  });

  test('takes the database that the connection names when none is named', () => {
    expect(request([], {}, { database: 'shop' }).databases).toEqual(['shop']);
    expect(request(['blog'], {}, { database: 'shop' }).databases).toEqual(['blog']);
    expect(request([], { 'all-databases': true }, { database: 'shop' })).toMatchObject({
      allDatabases: true,
      databases: [],
    });
  });

  test.each<{ title: string; operands: string[]; flags: FlagValues; tty?: boolean; message: string }>([
    { title: 'no database at all', operands: [], flags: {}, message: 'No database given.' },
    {
      title: 'all databases and a name',
      operands: ['a'],
      flags: { 'all-databases': true },
      message: 'were both given',
    },
    {
      title: 'one file for two databases',
      operands: ['a', 'b'],
      flags: { output: 'x' },
      message: 'exactly one',
    },
    {
      title: 'one file for all databases',
      operands: [],
      flags: { output: 'x', 'all-databases': true },
      message: 'exactly one',
    },
    {
      title: 'a dump and a document on stdout',
      operands: ['a'],
      flags: { output: '-', json: true },
      message: 'both write to stdout',
    },
    {
      title: 'gzip data on a terminal',
      operands: ['a'],
      flags: { output: '-', compress: 'gzip' },
      tty: true,
      message: 'is a terminal',
    },
  ])('refuses $title', ({ operands, flags, tty = false, message }) => {
    expect(() => request(operands, flags, { tty })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    );
  });
});
