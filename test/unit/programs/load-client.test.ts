import { describe, expect, test } from 'vitest';
import type { ClientProgram } from '../../../src/programs/client-programs.ts';
import { buildLoadArgs, parseLoadFailure } from '../../../src/programs/load-client.ts';

function client(...options: string[]): ClientProgram {
  return {
    file: '/usr/bin/mysql',
    program: 'mysql',
    flavour: 'mysql',
    version: '9.7.4',
    options: new Set(options),
  };
}

describe('buildLoadArgs', () => {
  test('loads into one database, and can do nothing else', () => {
    expect(buildLoadArgs('--force', client())).toEqual([
      '--defaults-file=/dev/fd/3',
      '--batch',
      '--binary-mode',
      '--local-infile=0',
      '--skip-reconnect',
      '--max-allowed-packet=1G',
      '--default-character-set=utf8mb4',
      '--database=--force',
    ]);
  });

  test.each([
    ['sandbox', '--sandbox'],
    ['system-command', '--skip-system-command'],
    ['commands', '--skip-commands'],
    ['print-query-on-error', '--skip-print-query-on-error'],
    ['comments', '--comments'],
  ])('a client that knows --%s gets %s', (option, argument) => {
    expect(buildLoadArgs('shop', client(option))).toContain(argument);
    expect(buildLoadArgs('shop', client())).not.toContain(argument);
  });
});

describe('parseLoadFailure', () => {
  const parse = (stderr: string) => parseLoadFailure({ exitCode: 1, signal: undefined, stderr }, 'mysql');

  test('finds the line, the number and what to do, and hides the row', () => {
    expect(parse("ERROR 1062 (23000) at line 45: Duplicate entry 'ann@example.org' for key 'email'")).toEqual(
      {
        line: 45,
        errno: 1062,
        message: "ERROR 1062 (23000): Duplicate entry '…' for key 'email'",
        hint: undefined,
      },
    );
  });

  test('hides a row that goes over lines', () => {
    const { message } = parse(
      "ERROR 1062 (23000) at line 45: Duplicate entry 'two\nsecret lines' for key 'email'",
    );

    expect(message).toBe("ERROR 1062 (23000): Duplicate entry '…' for key 'email'");
  });

  test('shows nothing that follows the message', () => {
    const { message } = parse(
      "ERROR 1146 (42S02) at line 3: Table 'shop.t' doesn't exist\nINSERT INTO t VALUES ('secret')",
    );

    expect(message).toBe("ERROR 1146 (42S02): Table 'shop.t' doesn't exist");
  });

  test.each<[stderr: string, errno: number, line: number | undefined, hint: string]>([
    ['ERROR 2013 (HY000) at line 9: Lost connection to server during query', 2013, 9, 'log'],
    ["ERROR 1045 (28000): Access denied for user 'u'@'h' (using password: YES)", 1045, undefined, ''],
    [
      "ERROR 1273 (HY000) at line 2 in file: '/tmp/x.sql': Unknown collation: 'utf8mb4_uca1400_ai_ci'",
      1273,
      2,
      'collation',
    ],
    [
      'mysql: [Warning] something\nERROR 1153 (08S01) at line 7: Got a packet bigger than max',
      1153,
      7,
      'max_allowed_packet',
    ],
    [
      'ERROR 1227 (42000) at line 5: Access denied; you need (at least one of) the SUPER privilege(s)',
      1227,
      5,
      'DEFINER',
    ],
  ])('%s', (stderr, errno, line, hint) => {
    const failure = parse(stderr);

    expect(failure).toMatchObject({ errno, line });
    expect(failure.hint ?? '').toContain(hint);
  });

  test.each([
    [{ exitCode: 1, signal: undefined }, 'mysql exited with 1'],
    [{ exitCode: undefined, signal: 'SIGKILL' }, 'mysql was killed (SIGKILL)'],
  ])('without a message of the server: says how the client ended', (end, message) => {
    expect(parseLoadFailure({ ...end, stderr: '' }, 'mysql')).toEqual({
      line: undefined,
      errno: undefined,
      message,
      hint: undefined,
    });
  });
});
