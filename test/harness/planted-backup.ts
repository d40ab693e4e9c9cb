import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Manifest } from '../../src/backups/record/manifest.ts';

/**
 * Changes the SQL of an uncompressed backup, and its manifest with it: such a file passes every check that needs no
 * server.
 */
export async function plant(path: string, change: (sql: string) => string): Promise<void> {
  const manifestPath = path.replace(/\.sql$/, '.json');
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest;
  const sql = Buffer.from(change(await readFile(path, 'utf8')));
  await writeFile(path, sql);
  const sha256 = createHash('sha256').update(sql).digest('hex');
  const file = { ...manifest.file, sizeBytes: sql.length, uncompressedBytes: sql.length, sha256 };
  // What is moved about is no longer where chunks were.
  const tables =
    sql.length === manifest.file.uncompressedBytes
      ? manifest.tables
      : manifest.tables.map(({ chunks: _chunks, ...table }) => table);
  await writeFile(manifestPath, JSON.stringify({ ...manifest, file, tables }));
}

/**
 * Gives an uncompressed backup a statement that dbbackup leaves to the stock client, and all others with it; what is
 * loaded is the same.
 */
export async function makeClientOnly(path: string): Promise<void> {
  await plant(path, (sql) => sql.replace(/^LOCK TABLES (`\w+`)/m, 'SET CHARACTER SET utf8mb4;\n$&'));
}

/** 1-based; of the first line that holds the text. */
export function lineOf(sql: string, text: string): number {
  return sql.slice(0, sql.indexOf(text)).split('\n').length;
}
