import { createGunzip } from 'node:zlib';
import { CompressedDataError } from './codec.ts';

const CHUNK_BYTES = 128 * 1024;

/**
 * Decompresses gzip members, one behind the other. As gzip does it passes over zeros behind the last one, which tapes and
 * block devices leave there; all of `raw` is read in any case.
 *
 * @throws {CompressedDataError}; what reading `raw` rejects with.
 */
export async function* gunzip(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  const progress = { contentBytes: 0, isWanted: true };
  const fed = feed(stream, raw, progress);
  fed.catch((error: unknown) => stream.destroy(error as Error)); // then iterating the stream rejects with it
  try {
    yield* stream as AsyncIterable<Buffer>;
    await fed;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const problem = ZLIB_SAYS[code];
    throw problem === undefined ? error : new CompressedDataError(problem, { cause: error });
  } finally {
    progress.isWanted = false; // the reader may have stopped early
    await fed.catch(() => undefined);
  }
  // zlib takes nothing in behind the first zero between members.
  if (progress.contentBytes > stream.bytesWritten) {
    throw new CompressedDataError('has something behind its compressed data that is no gzip');
  }
}

const ZLIB_SAYS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'is cut off: its compressed data ends too early',
  Z_DATA_ERROR:
    'is damaged: its compressed data does not fit its checksum, or is followed by what is no gzip',
};

/** @param progress `contentBytes` is told where the last byte that is not zero ends. */
async function feed(
  stream: ReturnType<typeof createGunzip>,
  raw: AsyncIterable<Buffer>,
  progress: { contentBytes: number; readonly isWanted: boolean },
): Promise<void> {
  let [readBytes, isOpen] = [0, true];
  stream.once('end', () => (isOpen = false)).once('close', () => (isOpen = false));
  for await (const chunk of raw) {
    const end = endOfContent(chunk);
    if (end > 0) progress.contentBytes = readBytes + end;
    readBytes += chunk.length;
    if (!progress.isWanted) return;
    if (isOpen && !stream.write(chunk)) await roomIn(stream);
  }
  if (isOpen) stream.end();
}

/** Resolves when the next chunk may come, or none is wanted any more. */
async function roomIn(stream: ReturnType<typeof createGunzip>): Promise<void> {
  const events = ['drain', 'end', 'close'] as const;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of events) stream.off(event, go);
      resolve();
    };
    for (const event of events) stream.on(event, go);
  });
}

function endOfContent(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
