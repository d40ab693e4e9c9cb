import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Codec, Compressor, Sink } from './codec.ts';
import { gunzip, gunzipBeginning } from './gunzip.ts';

/** More than the four threads of Node's pool: each finds its next block waiting, and memory stays bounded. */
const MEMBERS_IN_FLIGHT = 6;
const compressMember = promisify<Buffer, { level: number; chunkSize: number }, Buffer>(gzipCallback);

/** By Node.js itself. */
export const gzip: Codec = {
  compress: (sink, level) => Promise.resolve(gzipMembers(sink, level)),
  decompress: gunzip,
  beginningOf: gunzipBeginning,
};

/**
 * Each block becomes a gzip member of its own, several at once on Node's thread pool. A sequence of members is a
 * valid gzip file (RFC 1952, section 2.2): gunzip and every library read it as one stream.
 */
function gzipMembers(sink: Sink, level: number): Compressor {
  let offset = 0;
  let inOrder: Promise<void> = Promise.resolve();
  const writing: Promise<void>[] = [];
  return {
    async write(bytes, entry, onDone) {
      const compressed = compressMember(bytes, { level, chunkSize: Math.max(1024, bytes.length >>> 1) });
      const written = inOrder.then(async () => {
        const member = await compressed;
        onDone();
        entry?.onPlace({ offsetBytes: offset, skipBytes: 0 });
        offset += member.length;
        await sink(member);
      });
      // Both are awaited below or in `end()`; until then a failure must not count as unhandled.
      compressed.catch(() => undefined);
      written.catch(() => undefined);
      inOrder = written;
      if (writing.push(written) >= MEMBERS_IN_FLIGHT) await writing.shift();
    },
    end: () => inOrder,
    [Symbol.asyncDispose]: () => inOrder.catch(() => undefined),
  };
}
