import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openBackupFile } from '../../../../src/backups/read/backup-file.ts';
import { backupParts, damagedParts, hasOffsets } from '../../../../src/backups/read/backup-parts.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someManifest } from '../../cli/render/some-backups.ts';

const HEAD = '-- MySQL dump 10.13\nSET NAMES utf8mb4;\n';
const FOOT = '-- Dump completed\n';
/** Larger than a chunk, so that it comes in several. */
const TABLES = {
  a: `-- a\n${"INSERT INTO `a` VALUES ('größe');\n".repeat(9_000)}`,
  b: '-- b\n',
  c: `-- c\n${'INSERT INTO `c` VALUES (3);\n'.repeat(50)}`,
};
type Name = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as readonly Name[];

/** A backup of which each table begins a member of its own, or, not compressed, just its text. */
async function backup(compression: 'gzip' | 'none'): Promise<{ path: string; manifest: Manifest }> {
  const pack = (text: string): Buffer => (compression === 'gzip' ? gzipSync(text) : Buffer.from(text));
  const pieces = [pack(HEAD)];
  const tables = NAMES.map((name) => {
    const offsetBytes = Buffer.concat(pieces).length;
    // Of several members, as larger tables are.
    const text = Buffer.from(TABLES[name]);
    const half = Math.floor(text.length / 2);
    pieces.push(
      ...(compression === 'gzip'
        ? [gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]
        : [text]),
    );
    return { name, engine: 'InnoDB', uncompressedBytes: text.length, offsetBytes };
  });
  pieces.push(pack(FOOT));
  const path = join(await temporaryFolder(), compression === 'gzip' ? 'x.sql.gz' : 'x.sql');
  writeFileSync(path, Buffer.concat(pieces));
  const base = someManifest();
  return { path, manifest: { ...base, tables, file: { ...base.file, compression } } };
}

async function read(path: string, manifest: Manifest, names: readonly string[]) {
  await using file = await openBackupFile(path);
  const tables = manifest.tables.filter(({ name }) => names.includes(name)).reverse();
  await using parts = backupParts(file, manifest, tables);
  let raw = 0;
  const sql: Buffer[] = [];
  for await (const chunk of parts.readSql((bytes) => (raw += bytes.length), {
    env: {},
    signal: new AbortController().signal,
  }))
    sql.push(Buffer.from(chunk));
  return { sql: Buffer.concat(sql).toString(), raw, sizeBytes: parts.sizeBytes };
}

describe.each(['gzip', 'none'] as const)('backupParts, %s', (compression) => {
  test.each<{ names: readonly Name[] }>([
    { names: ['a'] },
    { names: ['b'] },
    { names: ['c'] },
    { names: ['a', 'c'] },
    { names: ['a', 'b', 'c'] },
  ])('gives the head and $names, in the order of the file', async ({ names }) => {
    const { path, manifest } = await backup(compression);
    const { sql, raw, sizeBytes } = await read(path, manifest, names);
    const rows = names.map((name) => TABLES[name]).join('');

    expect(sql).toBe(HEAD + rows);
    expect(sizeBytes).toBe(Buffer.byteLength(rows));
    expect(raw).toBe(Buffer.byteLength(HEAD + rows));
  });

  test('says so when the file ends too early', async () => {
    const { path, manifest } = await backup(compression);
    const tables = manifest.tables.map((table) => ({
      ...table,
      uncompressedBytes: table.uncompressedBytes + (table.name === 'c' ? 1000 : 0),
    }));

    await expect(read(path, { ...manifest, tables }, ['c'])).rejects.toMatchObject({
      code: 'damaged',
      message: `${path} ends before the tables listed in its manifest.`,
    });
  });
});

test('gives a table that stands behind others in its member', async () => {
  const path = join(await temporaryFolder(), 'x.sql.gz');
  const head = gzipSync(HEAD);
  writeFileSync(
    path,
    Buffer.concat([head, gzipSync(NAMES.map((name) => TABLES[name]).join('')), gzipSync(FOOT)]),
  );
  let skipBytes = 0;
  const tables = NAMES.map((name) => {
    const uncompressedBytes = Buffer.byteLength(TABLES[name]);
    const table = { name, engine: 'InnoDB', uncompressedBytes, offsetBytes: head.length, skipBytes };
    skipBytes += uncompressedBytes;
    return table;
  });
  const manifest = someManifest({ tables });

  for (const name of NAMES) expect((await read(path, manifest, [name])).sql).toBe(HEAD + TABLES[name]);
  expect((await read(path, manifest, ['a', 'c'])).sql).toBe(HEAD + TABLES.a + TABLES.c);
});

test('says so when the compressed data is damaged, or does not start where the manifest says', async () => {
  const { path, manifest } = await backup('gzip');
  const tables = manifest.tables.map((table) => ({ ...table, offsetBytes: (table.offsetBytes ?? 0) + 1 }));

  await expect(read(path, { ...manifest, tables }, ['a'])).rejects.toMatchObject({
    code: 'damaged',
    message: `${path} cannot be read: its compressed data is damaged.`,
  });
});

test('knows which backups can be read in parts', () => {
  const base = someManifest();
  const table = { name: 'a', engine: 'InnoDB', uncompressedBytes: 5, offsetBytes: 7 };
  const withParts = (compression: Manifest['file']['compression'], ...tables: Manifest['tables']): boolean =>
    hasOffsets({ ...base, tables, file: { ...base.file, compression } });

  expect(withParts('gzip', table)).toBe(true);
  expect(withParts('none', table)).toBe(true);
  expect(withParts('zstd', table)).toBe(true);
  expect(withParts('zstd', { ...table, offsetBytes: null })).toBe(false);
  expect(withParts('gzip', table, { ...table, offsetBytes: null })).toBe(false);
});

test('knows which part is damaged where the end of a large table shares one with small tables', async () => {
  const text = Object.values(TABLES).join('');
  const headBytes = gzipSync(HEAD).length;
  // The second part begins in the middle of the first table.
  const [first, second] = [gzipSync(text.slice(0, 9_000)), gzipSync(text.slice(9_000))];
  const path = join(await temporaryFolder(), 'x.sql.gz');
  const sizeOf = (name: Name): number => Buffer.byteLength(TABLES[name]);
  const firstText = Buffer.byteLength(text.slice(0, 9_000));
  const offsetBytes = headBytes + first.length;
  const of = (name: Name) => ({ name, engine: 'InnoDB', uncompressedBytes: sizeOf(name) });
  const manifest = someManifest({
    tables: [
      { ...of('a'), offsetBytes: headBytes },
      { ...of('b'), offsetBytes, skipBytes: sizeOf('a') - firstText },
      { ...of('c'), offsetBytes, skipBytes: sizeOf('a') - firstText + sizeOf('b') },
    ],
  });
  const damagedIn = async (at: number | undefined) => {
    const bytes = Buffer.concat([gzipSync(HEAD), first, second, gzipSync(FOOT)]);
    if (at !== undefined) bytes[at]! ^= 0xff;
    writeFileSync(path, bytes);
    await using file = await openBackupFile(path);
    const context = { env: {}, signal: new AbortController().signal };
    return (await damagedParts(file, manifest, context)).map(({ tables }) => tables);
  };

  expect(await damagedIn(undefined)).toEqual([]);
  expect(await damagedIn(headBytes + 50)).toEqual([['a']]);
  expect(await damagedIn(headBytes + first.length + 50)).toEqual([['a', 'b', 'c']]);
});
