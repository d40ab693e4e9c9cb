import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import prettyBytes from 'pretty-bytes';
import type { Ownership } from './ownership.ts';

/** A small file of ours, and who could have written it. */
export interface RecordFile extends Ownership {
  readonly text: string;
}

/** A manifest of 100,000 tables with long names takes half of it. */
const LARGEST_BYTES = 64 * 1024 * 1024;
/** For files that hold the text of stored objects. */
export const LARGEST_SCRIPT_BYTES = 256 * 1024 * 1024;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** What stands under the name of one of our files cannot be one; the message says why, as a clause: `is a directory`. */
export class UnfitFileError extends Error {
  override readonly name = 'UnfitFileError';
}

/**
 * Reads a file of the backup directory, where others may have put anything under its name: a link is not followed, a
 * FIFO is not waited for, and a huge file is not read.
 *
 * Synchronous: there may be ten thousand of them, and each takes five times as long asynchronously.
 *
 * @throws {UnfitFileError}
 * @throws {Error} of the system.
 */
export function readRecordFile(
  path: string,
  { largestBytes = LARGEST_BYTES, followsLink = false } = {},
): RecordFile {
  const descriptor = openRecord(path, O_RDONLY | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW));
  try {
    const file = fstatSync(descriptor);
    if (!file.isFile()) throw new UnfitFileError(file.isDirectory() ? 'is a directory' : NOT_REGULAR);
    if (file.size > largestBytes) throw new UnfitFileError(`is larger than ${prettyBytes(largestBytes)}`);
    return { text: readWhole(descriptor, file.size), ownerId: file.uid, mode: file.mode };
  } finally {
    closeSyncQuietly(descriptor);
  }
}

const NOT_REGULAR = 'is not a regular file';

function openRecord(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw new UnfitFileError('is a symbolic link', { cause: error });
    if (code === 'ENXIO') throw new UnfitFileError(NOT_REGULAR, { cause: error }); // a socket
    throw error;
  }
}

/** One for all: thousands of new ones would cost more than the reading. */
const small = Buffer.allocUnsafeSlow(64 * 1024);

/** Our files are replaced as a whole; only a log grows, whose end may wait. */
function readWhole(descriptor: number, sizeBytes: number): string {
  const bytes = sizeBytes <= small.length ? small : Buffer.allocUnsafe(sizeBytes);
  let length = 0;
  while (length < sizeBytes) {
    const count = readSync(descriptor, bytes, length, sizeBytes - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.toString('utf8', 0, length);
}

function closeSyncQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // as in closeQuietly()
  }
}
