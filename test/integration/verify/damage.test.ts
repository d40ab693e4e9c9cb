import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
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

// Where each kind of damage is found differs: one of each here. The campaign (`every-damage`) makes every cut and flips
// every bit.
describe('a damaged backup is refused before the server hears of it', () => {
  test.each([
    { compress: 'gzip', manifest: 'with its manifest' },
    { compress: 'gzip', manifest: 'without a manifest' },
    { compress: 'none', manifest: 'with its manifest' },
  ] as const)('$compress, $manifest', async ({ compress, manifest }) => {
    const { path, bytes } = await smallBackup(compress, manifest);
    const server = await fakeServer();
    for (const damaged of damages(bytes, manifest).filter((each) => isKnowable(bytes, each, manifest)))
      await expectDamaged(path, damaged, server);
    expect(server.connections).toBe(0);
  });

  test('none, without a manifest: cut before its end line', async () => {
    const { path, bytes } = await smallBackup('none', 'without a manifest');
    const endLine = bytes.lastIndexOf('-- Dump completed');
    const server = await fakeServer();
    for (const length of [0, 1, bytes.length / 2, endLine - 1, endLine, endLine + '-- Dump complete'.length])
      await expectDamaged(path, bytes.subarray(0, length), server);
    expect(server.connections).toBe(0);
  });
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
      words: /has 200 bytes, but its manifest says/,
    },
    { title: 'cut by a byte', damage: (bytes: Buffer) => bytes.subarray(0, -1), words: /its manifest says/ },
    {
      title: 'of another kind',
      damage: (bytes: Buffer) => flipped(bytes, 0),
      words: /does not match its name: it is not gzip/,
    },
    {
      title: 'with another date in its header',
      damage: (bytes: Buffer) => flipped(bytes, 4 * 8),
      words: /was changed: its sha256 differs from the manifest/,
    },
    {
      title: 'flipped in its data',
      damage: (bytes: Buffer) => flipped(bytes, 60 * 8),
      words: /is damaged: its compressed data does not match its checksum|cannot be read to its end/,
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
      expect(stderr).toContain('hint:  Nothing was touched. Use another backup; list shows them.\n');
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

type WithManifest = 'with its manifest' | 'without a manifest';

/** Cuts and flipped bits in each part of the file, and something behind its end. */
function damages(bytes: Buffer, manifest: WithManifest): readonly Buffer[] {
  const { length } = bytes;
  const members = [0, bytes.indexOf('\x1f\x8b\x08', 1, 'latin1')].filter((at) => at >= 0); // of a .sql one at most
  const inMembers = [0, 1, 2, 3, 4, 9, 10, 40].flatMap((at) => members.map((start) => start + at));
  const places = [...inMembers, Math.floor(length / 2), length - 9, length - 8, length - 5, length - 1];
  const tails = {
    'with its manifest': [Buffer.alloc(1), Buffer.from('x'), bytes],
    'without a manifest': [Buffer.from('text'), bytes.subarray(0, length / 2)],
  };
  return [
    ...places.map((at) => bytes.subarray(0, at)),
    ...places.map((at) => flipped(bytes, 8 * at + 2)),
    ...tails[manifest].map((tail) => Buffer.concat([bytes, tail])),
  ];
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const result = Buffer.from(bytes);
  result[bit >> 3]! ^= 1 << (bit & 7);
  return result;
}

/** Whether anybody can tell: without a manifest, a flip of a date or of a bit behind the data changes nothing. */
function isKnowable(bytes: Buffer, damaged: Buffer, manifest: WithManifest): boolean {
  if (manifest === 'with its manifest' || damaged.length !== bytes.length) return true;
  try {
    return !gunzipSync(damaged).equals(gunzipSync(bytes));
  } catch {
    return true;
  }
}

/** A backup of a few hundred bytes, made by the program, in a folder of its own where it may be damaged. */
async function smallBackup(
  compress: 'gzip' | 'none',
  manifest: WithManifest,
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

/** Up to the plan: what it refuses, a restore refuses at the same place. */
async function expectDamaged(path: string, bytes: Buffer, server: FakeServer): Promise<void> {
  await writeFile(path, bytes);
  const args = ['restore', path, '--to', 'shop', '--dry-run'];
  const { exitCode, stderr } = await runDbbackup(args, { env: server.environment });
  expect({ exitCode, stderr, bytes: bytes.length }).toMatchObject({ exitCode: 16 });
}
