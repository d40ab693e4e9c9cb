import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { describeOpenFile, openBackupFile } from '../../../../src/backups/read/backup-file.ts';
import type { BackupFile } from '../../../../src/backups/read/backup-file.ts';
import { REPOSITORY } from '../../../harness/build.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';

const SQL = Buffer.from(
  `-- MySQL dump 10.13\n${"INSERT INTO t VALUES ('row');\n".repeat(100_000)}-- Dump completed\n`,
);
const members = Buffer.concat([gzipSync(SQL.subarray(0, 1_000_000)), gzipSync(SQL.subarray(1_000_000))]);
const zst = execFileSync('zstd', ['-c'], { input: SQL });

async function put(name: string, content: Buffer | string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** Reads to the end. */
async function read(file: BackupFile, signal = new AbortController().signal, PATH = '/usr/bin:/bin') {
  const raw: Buffer[] = [];
  const sql: Buffer[] = [];
  for await (const chunk of file.readSql((bytes) => raw.push(Buffer.from(bytes)), { env: { PATH }, signal }))
    sql.push(Buffer.from(chunk));
  return { raw: Buffer.concat(raw), sql: Buffer.concat(sql) };
}

describe('openBackupFile', () => {
  test.each([
    ['a.sql', SQL, 'none'],
    ['a.sql.gz', members, 'gzip'],
    ['a.sql.zst', zst, 'zstd'],
    ['named-nothing', members, 'gzip'],
  ])('reads %s, as often as wanted, and shows every byte on disk', async (name, content, compression) => {
    await using file = await openBackupFile(await put(name, content));

    expect(file).toMatchObject({ compression, sizeBytes: content.length });
    for (let time = 0; time < 2; time++) {
      const { raw, sql } = await read(file);
      expect(sql.equals(SQL)).toBe(true);
      expect(raw.equals(content)).toBe(true);
    }
  });

  test.each<[title: string, name: string, content: Buffer, problem: string]>([
    ['an empty file', 'a.sql', Buffer.alloc(0), 'is empty'],
    ['plain text named .gz', 'a.sql.gz', SQL, 'does not match its name: it is not gzip'],
    [
      'random bytes named .gz',
      'a.sql.gz',
      Buffer.from([7, 0, 200, 3]),
      'does not match its name: it is not gzip',
    ],
    ['gzip named .sql', 'a.sql', members, 'does not match its name: it is gzip, not plain text'],
    ['gzip named .zst', 'a.sql.zst', members, 'does not match its name: it is gzip, not zstd'],
  ])('refuses %s', async (_title, name, content, problem) => {
    const path = await put(name, content);

    await expect(openBackupFile(path)).rejects.toMatchObject({
      code: 'damaged',
      message: `${path} ${problem}.`,
      hint: expect.stringContaining('Nothing was touched'),
    });
  });

  test('refuses a folder, a FIFO and a device at once', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'a.sql'));
    execFileSync('mkfifo', [join(folder, 'b.sql')]);
    symlinkSync('/dev/zero', join(folder, 'c.sql'));
    const words = { a: 'is a directory', b: 'is not a regular file', c: 'is not a regular file' };

    for (const [name, problem] of Object.entries(words)) {
      const path = join(folder, `${name}.sql`);
      await expect(openBackupFile(path)).rejects.toMatchObject({
        code: 'damaged',
        message: `${path} ${problem}.`,
      });
    }
  });

  test('says when there is no such file', async () => {
    await expect(openBackupFile('/nonexistent/a.sql')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no file /nonexistent/a.sql.',
    });
  });

  test('sees that it was written to since it was opened', async () => {
    const path = await put('a.sql', SQL);
    await using file = await openBackupFile(path);

    expect(await file.changed()).toBe(false);
    appendFileSync(path, 'x');
    expect(await file.changed()).toBe(true);
  });

  test('sees that it was overwritten by as many bytes', async () => {
    const path = await put('a.sql', SQL);
    await using file = await openBackupFile(path);
    writeFileSync(path, Buffer.alloc(SQL.length, 'x'));
    utimesSync(path, new Date(0), new Date(0));

    expect(await file.changed()).toBe(true);
  });
});

test('a file whose beginning cannot be read is damaged, not a bug', async () => {
  const path = await put('a.sql', SQL);
  await using handle = await open(path, 'a'); // as a disk with a read error: what is asked for fails

  await expect(describeOpenFile(path, handle)).rejects.toMatchObject({
    code: 'damaged',
    message: `${path} cannot be read (EBADF).`,
  });
});

test('what cannot be read on the way is damage, not a bug', async () => {
  const file = await openBackupFile(await put('a.sql', SQL));
  await file[Symbol.asyncDispose](); // from now on every read fails
  const all = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const _chunk of chunks);
  };

  await expect(all(file.readRaw(0))).rejects.toMatchObject({ code: 'damaged' });
  await expect(read(file)).rejects.toMatchObject({ code: 'damaged' });
});

describe('readSql', () => {
  test.each<[title: string, name: string, content: Buffer, problem: string]>([
    [
      'gzip that is cut off',
      'a.sql.gz',
      members.subarray(0, -5),
      'is truncated: its compressed data ends too early',
    ],
    [
      'gzip with another checksum',
      'a.sql.gz',
      Buffer.concat([members.subarray(0, -8), Buffer.alloc(8, 1)]),
      'is damaged: its compressed data does not match its checksum',
    ],
    [
      'gzip with something behind it',
      'a.sql.gz',
      Buffer.concat([members, Buffer.from('something\n')]),
      'is damaged: its compressed data does not match its checksum, or is followed by data that is not gzip',
    ],
    ...[1, 512, 300_000].flatMap((zeros): [string, string, Buffer, string][] => [
      [
        `gzip with ${zeros} zeros and something behind it`,
        'a.sql.gz',
        Buffer.concat([members, Buffer.alloc(zeros), Buffer.from('something\n')]),
        'has data after its compressed data that is not gzip',
      ],
      [
        `gzip with ${zeros} zeros and another member behind it`,
        'a.sql.gz',
        Buffer.concat([members, Buffer.alloc(zeros), members]),
        'has data after its compressed data that is not gzip',
      ],
    ]),
    [
      'zstd that is cut off',
      'a.sql.zst',
      zst.subarray(0, -5),
      'cannot be read to its end (zstd: /*stdin*\\: Read error (39) : premature end)',
    ],
  ])('rejects %s', async (_title, name, content, problem) => {
    const path = await put(name, content);
    await using file = await openBackupFile(path);

    await expect(read(file)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(`${path} ${problem.split(' (zstd')[0]!}`),
    });
  });

  test.each([1, 511, 512, 10_000, 300_000, 3_000_000])(
    'passes over %i zeros behind the last member',
    async (zeros) => {
      const content = Buffer.concat([members, Buffer.alloc(zeros)]);
      await using file = await openBackupFile(await put('a.sql.gz', content));

      const { sql, raw } = await read(file);

      expect(sql.equals(SQL)).toBe(true);
      expect(raw.equals(content)).toBe(true);
    },
  );

  test('a reader may stop early', async () => {
    for (const [name, content] of [
      ['a.sql', SQL],
      ['a.sql.gz', members],
      ['a.sql.zst', zst],
    ] as const) {
      await using file = await openBackupFile(await put(name, content));
      const chunks = file.readSql(() => undefined, {
        env: { PATH: '/usr/bin:/bin' },
        signal: new AbortController().signal,
      });
      for await (const chunk of chunks) {
        expect(chunk.toString('latin1', 0, 8)).toBe('-- MySQL');
        break;
      }
    }
  });

  test('says what to install where zstd is missing', async () => {
    await using file = await openBackupFile(await put('a.sql.zst', zst));

    await expect(read(file, undefined, '/nonexistent')).rejects.toMatchObject({
      code: 'tool-missing',
      message: 'zstd is not installed or not on the PATH.',
      hint: 'apt install zstd',
    });
  });

  test('tells how zstd ended', async () => {
    const folder = await temporaryFolder();
    symlinkSync(join(REPOSITORY, 'test/fixtures/bin/zstd-that-is-killed.sh'), join(folder, 'zstd'));
    await using file = await openBackupFile(await put('a.sql.zst', zst));

    await expect(read(file, undefined, `${folder}:/usr/bin:/bin`)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('(zstd was killed)'),
    });
  });

  test('gives the reason of the signal, not what the signal broke', async () => {
    await using file = await openBackupFile(await put('a.sql.zst', zst));
    const stop = new AbortController();
    stop.abort(new Error('Cancelled by SIGINT.'));

    await expect(read(file, stop.signal)).rejects.toThrow('Cancelled by SIGINT.');
  });
});
