import { describe, expect, test } from 'vitest';
import { chooseCompression, parseCompression } from '../../../../src/settings/values/compression.ts';
import type { Destination } from '../../../../src/backups/record/destination.ts';

const flag = (text: string) => ({ text, source: '--compress', isFlag: true });
const env = (text: string) => ({ text, source: 'DBBACKUP_COMPRESS', isFlag: false });

describe('parseCompression', () => {
  test.each([
    ['none', { method: 'none', level: undefined }],
    ['gzip', { method: 'gzip', level: 6 }],
    ['gzip:9', { method: 'gzip', level: 9 }],
    ['zstd', { method: 'zstd', level: 3 }],
    ['zstd:19', { method: 'zstd', level: 19 }],
  ])('reads %s', (text, compression) => {
    expect(parseCompression(flag(text))).toEqual(compression);
  });

  test.each(['', 'lzma', 'gzip:0', 'gzip:10', 'zstd:20', 'none:1', 'gzip:', 'gzip:6x', 'GZIP'])(
    'refuses "%s", naming the source',
    (text) => {
      expect(() => parseCompression(env(text))).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining('DBBACKUP_COMPRESS') }),
      );
    },
  );
});

describe('chooseCompression', () => {
  const directory: Destination = { kind: 'directory' };
  const stdout: Destination = { kind: 'stdout' };
  const file = (path: string): Destination => ({ kind: 'file', path });

  test.each([
    {
      title: 'gzip in the backup directory',
      given: undefined,
      destination: directory,
      method: 'gzip',
      level: 6,
    },
    {
      title: 'what was asked in the backup directory',
      given: env('zstd:5'),
      destination: directory,
      method: 'zstd',
      level: 5,
    },
    { title: 'none on stdout', given: undefined, destination: stdout, method: 'none' },
    {
      title: 'none on stdout whatever the environment says',
      given: env('gzip'),
      destination: stdout,
      method: 'none',
    },
    {
      title: 'what the flag says on stdout',
      given: flag('gzip:1'),
      destination: stdout,
      method: 'gzip',
      level: 1,
    },
    {
      title: 'what the name of the file says',
      given: undefined,
      destination: file('/a/x.sql.zst'),
      method: 'zstd',
      level: 3,
    },
    {
      title: 'the name over the environment',
      given: env('zstd'),
      destination: file('/a/x.sql.gz'),
      method: 'gzip',
      level: 6,
    },
    {
      title: 'the level of the environment for the same method',
      given: env('gzip:9'),
      destination: file('/a/x.sql.gz'),
      method: 'gzip',
      level: 9,
    },
    {
      title: 'plain SQL for a name that says nothing',
      given: undefined,
      destination: file('/a/x'),
      method: 'none',
    },
    {
      title: 'the flag for a name that says nothing',
      given: flag('gzip'),
      destination: file('/a/x'),
      method: 'gzip',
      level: 6,
    },
  ])('chooses $title', ({ given, destination, method, level }) => {
    expect(chooseCompression(given, destination)).toEqual({ method, level });
  });

  test('refuses a flag that contradicts the name', () => {
    expect(() => chooseCompression(flag('zstd'), file('/a/x.sql.gz'))).toThrow(
      '--compress zstd contradicts the name of --output /a/x.sql.gz, which says gzip.',
    );
  });
});
