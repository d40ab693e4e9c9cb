import type { CompressionContext, Compressor, Environment, Sink } from './codec.ts';
import { codecOf, standardCompression, type Compression } from './methods.ts';

/**
 * Makes sure that a compressor can be opened, before anything is begun.
 *
 * @throws {DbBackupError} `tool-missing` when its program is requested but not installed.
 */
export async function requireCompressor({ method }: Compression, env: Environment): Promise<void> {
  await (await codecOf(method)).program?.find(env);
}

/** @throws {DbBackupError} `tool-missing` as `requireCompressor` does. */
export async function openCompressor(
  { method, level = standardCompression(method).level ?? 0 }: Compression,
  sink: Sink,
  context: CompressionContext,
): Promise<Compressor> {
  return (await codecOf(method)).compress(sink, level, context);
}
