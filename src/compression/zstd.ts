import { programCodec } from './program-codec.ts';

/** One long stream, by the program of that name: it compresses on cores that Node.js leaves alone. */
export const zstd = programCodec('zstd', {
  compress: (level) => [`-${level}`, '--quiet', '--stdout', '-'],
  decompress: ['--decompress', '--quiet', '--stdout', '-'],
});
