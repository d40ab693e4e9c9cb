import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { closeQuietly } from './close-quietly.ts';
import { storageFailure } from './file-failure.ts';

/**
 * Copies a stream into a file that has no name by the time this returns, so that nothing is left however the run
 * ends.
 *
 * @param path Where it is made; must be free.
 * @throws {DbBackupError} `no-space`; whatever the stream rejects with; the signal's reason.
 */
export async function receiveIntoUnnamedFile(
  path: string,
  source: Readable,
  signal: AbortSignal,
): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let handle: FileHandle;
  try {
    handle = await open(path, flags, 0o600);
    await rm(path);
  } catch (error) {
    throw await storageFailure(error, path);
  }
  try {
    // The sender may stall: the signal must not have to wait for the next chunk.
    for await (const chunk of addAbortSignal(signal, source)) {
      const bytes = Buffer.from(chunk as Buffer | string);
      let offset = 0;
      while (offset < bytes.length) offset += (await handle.write(bytes, offset)).bytesWritten;
    }
    return handle;
  } catch (error) {
    await closeQuietly(handle);
    signal.throwIfAborted();
    throw (error as NodeJS.ErrnoException).code === undefined ? error : await storageFailure(error, path);
  }
}
