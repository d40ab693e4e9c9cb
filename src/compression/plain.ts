import type { Codec, Compressor, Sink } from './codec.ts';

/** SQL as it is. */
export const plain: Codec = {
  compress: (sink) => Promise.resolve(passOn(sink)),
  decompress: (raw) => raw,
  beginningOf: (bytes) => bytes,
};

function passOn(sink: Sink): Compressor {
  let offset = 0;
  return {
    async write(bytes, entry, onDone) {
      entry?.onPlace({ offsetBytes: offset, skipBytes: 0 });
      offset += bytes.length;
      await sink(bytes);
      onDone();
    },
    end: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
