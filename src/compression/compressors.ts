import type { Compression } from './methods.ts';
import type { Environment, Sink, Compressor } from './compressor.ts';
import { gzipMembers } from './gzip.ts';
import { findZstd, zstdProgram } from './zstd.ts';

/**
 * Makes sure that a compressor can be opened, before anything is begun.
 *
 * @throws {DbBackupError} `tool-missing` when zstd is asked for and the machine has it not.
 */
export async function requireCompressor({ method }: Compression, env: Environment): Promise<void> {
  if (method === 'zstd') await findZstd(env);
}

/** @throws {DbBackupError} `tool-missing` as `requireCompressor` does. */
export async function openCompressor(
  compression: Compression,
  sink: Sink,
  context: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<Compressor> {
  switch (compression.method) {
    case 'none':
      return plain(sink);
    case 'gzip':
      return gzipMembers(sink, compression.level ?? 6);
    case 'zstd':
      return zstdProgram(sink, compression.level ?? 3, context);
  }
}

function plain(sink: Sink): Compressor {
  let offset = 0;
  return {
    async write(bytes, onStart, onDone) {
      onStart(offset);
      offset += bytes.length;
      await sink(bytes);
      onDone();
    },
    end: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
