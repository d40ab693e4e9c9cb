import { promisify } from 'node:util';
import { gzip as gzipCallback, gzipSync } from 'node:zlib';
import type { Codec, Compressor, Entry, Sink } from './codec.ts';
import { gunzip, gunzipBeginning } from './gunzip.ts';

/** More than the four threads of Node's pool: each finds its next block waiting, and memory stays bounded. */
const MEMBERS_IN_FLIGHT = 6;
/** Blocks up to this size are compressed on this thread: handing one to another takes longer, 5,000 times for 5,000 tables. */
const SMALL_BLOCK_BYTES = 16 * 1024;
/** Small members are written together, up to this. */
const WRITE_BYTES = 64 * 1024;
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
  /** Small members, not yet written. */
  let gathered: { readonly member: Buffer; readonly entry: Entry | undefined }[] = [];
  let gatheredBytes = 0;

  const place = (member: Buffer, entry: Entry | undefined): void => {
    entry?.onPlace({ offsetBytes: offset, skipBytes: 0 });
    offset += member.length;
  };
  /** Begins to write behind all that came before; resolves when there is room for more. */
  const writeNext = async (work: () => Promise<void>): Promise<void> => {
    const written = inOrder.then(work);
    written.catch(() => undefined); // awaited below or in `end()`; until then a failure must not count as unhandled
    inOrder = written;
    if (writing.push(written) >= MEMBERS_IN_FLIGHT) await writing.shift();
  };
  /** @returns what writes, when it is called, the small members of until now. */
  const takeGathered = (): (() => Promise<void>) => {
    const members = gathered;
    [gathered, gatheredBytes] = [[], 0];
    return async () => {
      if (members.length === 0) return;
      for (const { member, entry } of members) place(member, entry);
      await sink(Buffer.concat(members.map(({ member }) => member)));
    };
  };

  return {
    async write(bytes, entry, onDone) {
      const options = { level, chunkSize: Math.max(1024, bytes.length >>> 1) };
      if (bytes.length <= SMALL_BLOCK_BYTES) {
        const member = gzipSync(bytes, options);
        onDone();
        gathered.push({ member, entry });
        gatheredBytes += member.length;
        if (gatheredBytes >= WRITE_BYTES) await writeNext(takeGathered());
        return;
      }
      const compressed = compressMember(bytes, options);
      compressed.catch(() => undefined); // as above
      const writeSmaller = takeGathered();
      await writeNext(async () => {
        await writeSmaller();
        const member = await compressed;
        onDone();
        place(member, entry);
        await sink(member);
      });
    },
    async end() {
      await writeNext(takeGathered());
      await inOrder;
    },
    [Symbol.asyncDispose]: () => inOrder.catch(() => undefined),
  };
}
