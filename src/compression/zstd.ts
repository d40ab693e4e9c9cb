import { programCodec } from './program-codec.ts';

/** By the program of that name: frames, which can follow each other in a file (RFC 8878, section 3). */
export const zstd = programCodec('zstd', {
  compress: (level) => [`-${level}`, '--quiet', '--stdout', '-'],
  decompress: ['--decompress', '--quiet', '--stdout', '-'],
});
