import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { SqlBlocks } from '../../../../src/sql/outline/dump-blocks.ts';
import type { CutRows, Place } from '../../../../src/sql/outline/dump-outline.ts';
import { rowChunks } from '../../../../src/sql/rows/row-chunks.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someManifest } from '../../cli/render/some-backups.ts';

/** Small enough for tests: a table of a few statements has several chunks. */
export const SMALL_CUTS: CutRows = { firstBytes: 200, leastBytes: 300 };

/** A backup as `create` makes it of this text, with rows cut into small chunks. */
export async function chunkedBackup(
  text: Buffer,
  compression: 'gzip' | 'none' = 'gzip',
  cutRows = SMALL_CUTS,
): Promise<Backup & { readonly manifest: Manifest }> {
  const blocks = new SqlBlocks(4096, cutRows);
  const offsets = new Map<Place, number>();
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for (const { bytes, place, release } of [...blocks.push(text), ...blocks.finish()]) {
    if (place !== undefined) offsets.set(place, sizeBytes);
    const piece = compression === 'gzip' ? gzipSync(bytes) : Buffer.from(bytes);
    release();
    pieces.push(piece);
    sizeBytes += piece.length;
  }
  blocks.outline.finish();
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(text);
  const { script, longestStatementBytes } = reader.finish();
  const { sections } = blocks.outline;
  const chunks = rowChunks(sections, script, offsets);
  const file = Buffer.concat(pieces);
  const name = compression === 'gzip' ? 'b.sql.gz' : 'b.sql';
  const path = join(await temporaryFolder(), name);
  writeFileSync(path, file);
  const manifest = someManifest({
    file: {
      ...{ name, sizeBytes, compression, uncompressedBytes: text.length },
      sha256: createHash('sha256').update(file).digest('hex'),
    },
    longestStatementBytes,
    tables: sections.map((section) => ({
      ...{ name: section.table, engine: 'InnoDB', uncompressedBytes: section.uncompressedBytes },
      offsetBytes: offsets.get(section) ?? null,
      ...(chunks.has(section.table) ? { chunks: chunks.get(section.table) } : {}),
    })),
  });
  return {
    ...{ name: 'b', database: 'shop', path, label: 'manual', startedAt: manifest.startedAt, sizeBytes },
    ...{ compression, state: 'complete', manifest },
  };
}
