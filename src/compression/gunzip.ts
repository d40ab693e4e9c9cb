import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { CompressedDataError } from './codec.ts';

const CHUNK_BYTES = 128 * 1024;

/**
 * Decompresses consecutive gzip members. Like gzip it skips zeros after the last one, as left by tapes and block
 * devices; all of `raw` is read in any case.
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
  // zlib accepts nothing after the first zero between members.
  if (progress.contentBytes > stream.bytesWritten) {
    throw new CompressedDataError('has data after its compressed data that is not gzip');
  }
}

/**
 * What the first bytes of gzip members give.
 *
 * @throws {CompressedDataError}
 */
export function gunzipBeginning(bytes: Buffer): Buffer {
  try {
    // The data may end anywhere.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 4 * bytes.length });
  } catch (error) {
    const problem = ZLIB_SAYS[(error as NodeJS.ErrnoException).code ?? ''];
    throw problem === undefined ? error : new CompressedDataError(problem, { cause: error });
  }
}

const ZLIB_SAYS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'is truncated: its compressed data ends too early',
  Z_DATA_ERROR:
    'is damaged: its compressed data does not match its checksum, or is followed by data that is not gzip',
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

/** Resolves when the next chunk may come, or no more are wanted. */
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
