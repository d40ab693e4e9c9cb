import type { CompressionMethod } from './methods.ts';

/** How a file's content is compressed, by its first bytes. */
export function compressionByContent(head: Buffer): CompressionMethod {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return 'none';
}
