import { createHash } from 'node:crypto';
import { openCompressor } from '../compression/compressors.ts';
import type { Sink } from '../compression/codec.ts';
import type { Compression } from '../compression/methods.ts';
import { DumpReader } from '../sql/dump-reader.ts';
import type { DumpReport } from '../sql/dump-report.ts';
import type { DumpOutline, Section } from '../sql/outline/dump-outline.ts';
import { SqlBlocks } from '../sql/outline/dump-blocks.ts';
import type { Runtime } from '../run/runtime.ts';

/** 1 MiB: the loss in compression against one long stream is below 1 %, and one table is found without the rest. */
const BLOCK_BYTES = 1024 * 1024;

/** What went by while a dump was written. */
export interface StreamedDump {
  readonly outline: DumpOutline;
  /** As `verify` and `restore` read it. */
  readonly findings: DumpReport;
  /** The dump tool's end line came last. */
  readonly ended: boolean;
  /** Where each table's section starts in the file; a section without an entry cannot be told (zstd). */
  readonly offsets: ReadonlyMap<Section, number>;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Streams a dump through the one pass that reads, cuts, compresses, hashes and writes it. Memory does not depend
 * on its size.
 *
 * It resolves when the source has ended and everything is written; whether the dump is complete, and fit for a restore,
 * is for the caller to judge. It rejects with whatever the sink or the compressor rejects with.
 *
 * @param database The one that is dumped.
 * @param onBytes Told how many bytes of SQL have come so far.
 */
export async function streamDump(
  source: AsyncIterable<Buffer>,
  database: string,
  compression: Compression,
  sink: Sink,
  { env, signal, onBytes }: Pick<Runtime, 'env' | 'signal'> & { readonly onBytes: (bytes: number) => void },
): Promise<StreamedDump> {
  const hash = createHash('sha256');
  const offsets = new Map<Section, number>();
  let sizeBytes = 0;
  await using compressor = await openCompressor(
    compression,
    (bytes) => {
      hash.update(bytes);
      sizeBytes += bytes.length;
      return sink(bytes);
    },
    { env, signal },
  );
  const blocks = new SqlBlocks(BLOCK_BYTES);
  const reader = new DumpReader({ sourceDatabase: database, targetDatabase: database });
  const write = async (pending: ReturnType<SqlBlocks['push']>): Promise<void> => {
    for (const { bytes, section, release } of pending) {
      await compressor.write(
        bytes,
        (offset) => section !== undefined && offsets.set(section, offset),
        release,
      );
    }
  };
  for await (const chunk of source) {
    reader.push(chunk);
    await write(blocks.push(chunk));
    onBytes(blocks.outline.bytes);
  }
  await write(blocks.finish());
  await compressor.end();
  return {
    outline: blocks.outline,
    findings: reader.finish(),
    ended: blocks.outline.finish(),
    offsets,
    sizeBytes,
    sha256: hash.digest('hex'),
  };
}
