import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { processRuntime } from '../../../src/cli/process/process-context.ts';
import { planRestore } from '../../../src/restore/restore.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import { madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { fakeServer } from '../../harness/fake-server.ts';
import type { FakeServer } from '../../harness/fake-server.ts';
import { workspace } from '../../harness/workspace.ts';

/** Two tables, so that the compressed file has several members. */
const SQL = `CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(50)); INSERT INTO a VALUES (1, 'a'), (2, 'it''s');
  CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (7), (8);`;

/** The exhaustive tests try thousands of files each. */
const LONG_MS = 240_000;

describe('of a small .sql.gz with its manifest', () => {
  test(
    'every truncation and every flipped bit is refused before the server hears of it',
    async () => {
      const { path, bytes } = await smallBackup('gzip', 'with its manifest');
      const server = await fakeServer();
      for (const damaged of [...truncations(bytes), ...flips(bytes)]) {
        await expectDamaged(path, damaged, server);
      }
      expect(server.connections).toBe(0);
    },
    LONG_MS,
  );

  test('what was appended is refused', async () => {
    const { path, bytes } = await smallBackup('gzip', 'with its manifest');
    const server = await fakeServer();
    for (const tail of [Buffer.alloc(1), Buffer.from('x'), bytes]) {
      await expectDamaged(path, { what: 'appended', bytes: Buffer.concat([bytes, tail]) }, server);
    }
    expect(server.connections).toBe(0);
  });
});

describe('of a small .sql.gz without a manifest', () => {
  test(
    'every truncation and every flipped bit that changes the content is refused before the server hears of it',
    async () => {
      const { path, bytes } = await smallBackup('gzip', 'without a manifest');
      const sql = gunzipSync(bytes);
      const server = await fakeServer();
      const flipped = flips(bytes);
      const changing = flipped.filter((each) => !sameContent(each.bytes, sql));
      for (const damaged of [...truncations(bytes), ...changing]) await expectDamaged(path, damaged, server);
      expect(server.connections).toBe(0);

      // Six bytes of a member's header say when and by whom it was compressed; flags for text and the reserved ones vary.
      const members = bytes.toString('latin1').split('\x1f\x8b\x08').length - 1;
      expect(members).toBeGreaterThan(1);
      expect(flipped.length - changing.length).toBeLessThanOrEqual(members * 8 * 8);
    },
    LONG_MS,
  );

  test('text behind its end, and a second dump, are refused', async () => {
    const { path, bytes } = await smallBackup('gzip', 'without a manifest');
    const server = await fakeServer();
    await expectDamaged(path, { what: 'text', bytes: Buffer.concat([bytes, Buffer.from('text')]) }, server);
    const half = Buffer.concat([bytes, bytes.subarray(0, bytes.length / 2)]);
    await expectDamaged(path, { what: 'half of a second one', bytes: half }, server);
    expect(server.connections).toBe(0);
  });
});

describe('of a small .sql', () => {
  test(
    'with its manifest, every truncation and a flipped bit in every byte is refused before the server hears of it',
    async () => {
      const { path, bytes } = await smallBackup('none', 'with its manifest');
      const server = await fakeServer();
      const oneFlipPerByte = flips(bytes).filter((_flip, index) => index % 8 === Math.floor(index / 8) % 8);
      expect(oneFlipPerByte).toHaveLength(bytes.length);
      for (const damaged of [...truncations(bytes), ...oneFlipPerByte]) {
        await expectDamaged(path, damaged, server);
      }
      expect(server.connections).toBe(0);
    },
    LONG_MS,
  );

  test(
    'without a manifest, every cut before its end line is refused before the server hears of it',
    async () => {
      const { path, bytes } = await smallBackup('none', 'without a manifest');
      const endLine = bytes.lastIndexOf('-- Dump completed');
      const server = await fakeServer();
      for (const damaged of truncations(bytes).slice(0, endLine + '-- Dump complete'.length + 1)) {
        await expectDamaged(path, damaged, server);
      }
      expect(server.connections).toBe(0);
    },
    LONG_MS,
  );
});

describe('the program', () => {
  test.each([
    {
      title: 'cut to nothing',
      damage: (bytes: Buffer) => bytes.subarray(0, 0),
      words: / is empty\.$/m,
    },
    {
      title: 'cut in the middle',
      damage: (bytes: Buffer) => bytes.subarray(0, 200),
      words: /has 200 bytes, its manifest says/,
    },
    { title: 'cut by a byte', damage: (bytes: Buffer) => bytes.subarray(0, -1), words: /its manifest says/ },
    {
      title: 'of another kind',
      damage: (bytes: Buffer) => flipped(bytes, 0),
      words: /is not what its name says: it is not gzip/,
    },
    {
      title: 'with another date in its header',
      damage: (bytes: Buffer) => flipped(bytes, 4 * 8),
      words: /is not what was written: its sha256 differs from the manifest/,
    },
    {
      title: 'flipped in its data',
      damage: (bytes: Buffer) => flipped(bytes, 60 * 8),
      words: /is damaged: its compressed data does not fit its checksum|cannot be read to its end/,
    },
  ])('refuses a backup $title with exit 16, in words', async ({ damage, words }) => {
    const { path, bytes } = await smallBackup('gzip', 'with its manifest');
    const server = await fakeServer();
    await writeFile(path, damage(bytes));

    for (const args of [['--json'], ['--dry-run'], ['--keep-extra']]) {
      const { exitCode, stderr } = await runDbbackup(
        ['restore', path, '--to', 'shop', '--confirm', 'shop', ...args],
        {
          env: server.environment,
        },
      );
      expect(exitCode, stderr).toBe(16);
      expect(stderr).toMatch(words);
      expect(stderr).toContain('hint:  Nothing was touched. Take another backup: list shows them.\n');
    }
    // A restore asks first whether the server takes changes at all.
    expect(server.changes).toEqual([]);
  });

  test('sends the very bytes to a server that it would refuse when they are damaged', async () => {
    // The counterpart of all the others: undamaged, the same file does reach the fake server.
    const { path } = await smallBackup('gzip', 'with its manifest');
    const server = await fakeServer();

    await runDbbackup(['restore', path, '--to', 'shop', '--confirm', 'shop'], { env: server.environment });
    expect(server.queries.length).toBeGreaterThan(0);
  });
});

interface Damaged {
  readonly what: string;
  readonly bytes: Buffer;
}

function truncations(bytes: Buffer): readonly Damaged[] {
  return Array.from({ length: bytes.length }, (_, length) => ({
    what: `cut to ${length} of ${bytes.length} bytes`,
    bytes: bytes.subarray(0, length),
  }));
}

/** Bit by bit, each alone. */
function flips(bytes: Buffer): readonly Damaged[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => ({
    what: `bit ${bit % 8} of byte ${Math.floor(bit / 8)} flipped`,
    bytes: flipped(bytes, bit),
  }));
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const result = Buffer.from(bytes);
  result[bit >> 3]! ^= 1 << (bit & 7);
  return result;
}

function sameContent(gzip: Buffer, sql: Buffer): boolean {
  try {
    return gunzipSync(gzip).equals(sql);
  } catch {
    return false;
  }
}

/** A backup of a few hundred bytes, made by the program, in a folder of its own where it may be damaged. */
async function smallBackup(
  compress: 'gzip' | 'none',
  manifest: 'with its manifest' | 'without a manifest',
): Promise<{ path: string; bytes: Buffer }> {
  const server = testServers()[0]!;
  const database = await freshDatabase(server, { sql: SQL });
  const made = await madeBackup(server, database, ['--compress', compress]);
  const folder = join((await workspace()).folder, 'damaged');
  await mkdir(folder);
  const path = join(folder, basename(made));
  await copyFile(made, path);
  const manifestName = basename(made).replace(/\.sql(\.gz)?$/, '.json');
  if (manifest === 'with its manifest')
    await copyFile(join(dirname(made), manifestName), join(folder, manifestName));
  return { path, bytes: await readFile(path) };
}

/**
 * In this process, because thousands of programs would take hours, and only up to the plan, because a restore writes
 * down each of its runs. Both begin alike: what they refuse, they refuse at the same place.
 */
async function expectDamaged(path: string, { what, bytes }: Damaged, server: FakeServer): Promise<void> {
  await replaceContent(path, bytes);
  const request = {
    connection: {
      endpoint: { kind: 'tcp', host: server.host, port: server.port },
      user: 'anyone',
      password: undefined,
      ssl: { mode: 'DISABLED' },
      database: undefined,
      sources: {},
    },
    directory: (await workspace()).backups,
    reference: path,
    to: 'shop',
    tables: undefined,
    keepExtra: false,
    skipBroken: false,
    inPlace: false,
    connections: 2,
    safetyBackup: false,
    allowIncomplete: false,
    lockWaitMs: 0,
    fromOtherServer: false,
    sameServer: [],
  } as const;
  const outcome = await planRestore(request, processRuntime({ command: 'test' })).catch(
    (error: unknown) => error,
  );
  if (outcome instanceof DbBackupError && outcome.code === 'damaged') return;
  expect({ what, outcome }).toEqual({ what, outcome: 'refused as damaged' });
}

/** Without a moment in which the file has another length than it will have. */
async function replaceContent(path: string, bytes: Buffer): Promise<void> {
  await using file = await open(path, 'w');
  await file.write(bytes);
}
