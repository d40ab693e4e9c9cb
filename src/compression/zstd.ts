import { availableParallelism } from 'node:os';
import { programCodec } from './program-codec.ts';

/** As many as Node.js compresses gzip with; at high levels each takes much memory. */
const MOST_THREADS = 4;

/** By the program of that name: frames, which can follow each other in a file (RFC 8878, section 3). */
export const zstd = programCodec('zstd', {
  compress: (level) => [
    `-${level}`,
    `-T${Math.min(availableParallelism(), MOST_THREADS)}`,
    ...['--quiet', '--stdout', '-'],
  ],
  decompress: ['--decompress', '--quiet', '--stdout', '-'],
});
