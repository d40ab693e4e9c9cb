import { createHash } from 'node:crypto';
import { openCompressor } from '../compression/compressors.ts';
import type { Entry, FilePlace, Sink } from '../compression/codec.ts';
import { type Compression, rowCutsOf } from '../compression/methods.ts';
import { DumpReader } from '../sql/dump-reader.ts';
import type { DumpReport } from '../sql/dump-report.ts';
import type { DumpOutline, Place } from '../sql/outline/dump-outline.ts';
import { SqlBlocks } from '../sql/outline/dump-blocks.ts';
import type { Runtime } from '../run/runtime.ts';

/** 1 MiB: compression is less than 1 % worse than in one long stream, and one table can be read without the rest. */
const BLOCK_BYTES = 1024 * 1024;

/** What was observed while a dump was written. */
export interface StreamedDump {
  readonly outline: DumpOutline;
  /** As `verify` and `restore` read it. */
  readonly findings: DumpReport;
  /** The last line was the dump tool's end line. */
  readonly ended: boolean;
  /** Where they are in the file. */
  readonly places: ReadonlyMap<Place, FilePlace>;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Streams a dump through one pass that reads, splits, compresses, hashes and writes it. Memory does not depend
 * on its size.
 *
 * It resolves when the source has ended and everything is written; whether the dump is complete, and fit for a
 * restore, is for the caller to judge. It rejects with whatever the sink or the compressor rejects with.
 *
 * @param database The one that is dumped.
 * @param onBytes Called with the bytes of SQL so far.
 */
export async function streamDump(
  source: AsyncIterable<Buffer>,
  database: string,
  compression: Compression,
  sink: Sink,
  { env, signal, onBytes }: Pick<Runtime, 'env' | 'signal'> & { readonly onBytes: (bytes: number) => void },
): Promise<StreamedDump> {
  const hash = createHash('sha256');
  const places = new Map<Place, FilePlace>();
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
  const blocks = new SqlBlocks(BLOCK_BYTES, rowCutsOf(compression.method));
  const reader = new DumpReader({ sourceDatabase: database, targetDatabase: database });
  // The dump's head is read without its first table, and rows are read without what precedes them.
  const entryOf = (place: Place): Entry => ({
    isAlone: place === blocks.outline.sections[0] || !('table' in place),
    onPlace: (at) => void places.set(place, at),
  });
  const write = async (pending: ReturnType<SqlBlocks['push']>): Promise<void> => {
    for (const { bytes, place, release } of pending) {
      await compressor.write(bytes, place && entryOf(place), release);
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
    places,
    sizeBytes,
    sha256: hash.digest('hex'),
  };
}
