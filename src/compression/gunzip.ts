import { createGunzip } from 'node:zlib';

/** `code` of the error for what stands behind the compressed data and is neither gzip nor zeros. */
export const NO_GZIP_BEHIND = 'NO_GZIP_BEHIND';

/**
 * Decompresses gzip members, one behind the other. As gzip does it passes over zeros behind the last one, which tapes and
 * block devices leave there; all of `raw` is read in any case.
 *
 * @throws zlib's errors; one with the code `NO_GZIP_BEHIND`.
 */
export async function* gunzip(raw: AsyncIterable<Buffer>, chunkBytes: number): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: chunkBytes });
  const progress = { contentBytes: 0, isWanted: true };
  const fed = feed(stream, raw, progress);
  fed.catch((error: unknown) => stream.destroy(error as Error)); // then iterating the stream rejects with it
  try {
    yield* stream as AsyncIterable<Buffer>;
    await fed;
  } finally {
    progress.isWanted = false; // the reader may have stopped early
    await fed.catch(() => undefined);
  }
  // zlib takes nothing in behind the first zero between members.
  if (progress.contentBytes > stream.bytesWritten) {
    throw Object.assign(new Error('something else stands behind the compressed data'), {
      code: NO_GZIP_BEHIND,
    });
  }
}

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
