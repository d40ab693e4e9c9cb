import { constants, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { DbBackupError } from '../../run/errors.ts';
import { LineEnds } from '../../sql/lexer/line-ends.ts';
import { CompressedDataError, type CompressionContext } from '../../compression/codec.ts';
import { codecOf, compressionByContent, compressionByName } from '../../compression/methods.ts';
import type { CompressionMethod } from '../../compression/methods.ts';
import { closeQuietly } from '../../files/close-quietly.ts';
import { isForbidden } from '../../files/ownership.ts';
import { readFailure } from '../../files/file-failure.ts';
import { damaged } from './damaged.ts';

const READ_BYTES = 128 * 1024;

/**
 * Buffers are used in turn, so that the last few chunks stay valid for a reader that keeps them.
 */
const READ_BUFFERS = 4;

/** One dump file, held open: the verified file is the one that is loaded, whatever happens to its name. */
export interface BackupFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly compression: CompressionMethod;
  /**
   * Reads it from the start, decompressed, with lines that end in LF.
   *
   * @param onRaw Called with every byte as it is on disk.
   * @returns the text in chunks, each valid until the third next one is requested; iterating rejects with `damaged`
   *   where it cannot be decompressed.
   */
  readSql(onRaw: (bytes: Buffer) => void, context: CompressionContext): AsyncIterable<Buffer>;
  /** The text between two offsets, as they stand in a manifest, or to the end; as `readSql`. */
  readPart(
    fromBytes: number,
    toBytes: number | undefined,
    context: CompressionContext,
    onRaw?: (bytes: Buffer) => void,
  ): AsyncIterable<Buffer>;
  /** What so many bytes on disk give of the text, from an offset of a manifest on; as `readSql` where it is damaged. */
  readBeginning(fromBytes: number, sizeBytes: number): Promise<Buffer>;
  /** The bytes on disk, from one offset to another or to the end; chunks as of `readSql`. */
  readRaw(fromBytes: number, toBytes?: number): AsyncIterable<Buffer>;
  /** Whether it was written to, or its size has changed, since it was opened. */
  changed(): Promise<boolean>;
}

/**
 * Opens a dump for reading.
 *
 * @throws {DbBackupError} `not-found`; `no-space` when permission denied; `damaged` when it is not a regular file,
 *   empty, or not what its name says.
 */
export async function openBackupFile(path: string): Promise<BackupFile> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a FIFO in the file's place would block us forever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new DbBackupError('not-found', `There is no file ${path}.`, { cause });
    if (isForbidden(cause)) throw readFailure(cause, path);
    throw damaged(path, `cannot be opened (${code ?? String(cause)})`, cause);
  }
  try {
    return await describeOpenFile(path, handle);
  } catch (error) {
    await closeQuietly(handle);
    throw error;
  }
}

/** The same for a file that is open already and has no name, such as what came on stdin. */
export async function describeOpenFile(path: string, handle: FileHandle): Promise<BackupFile> {
  const readable = async <T>(reading: Promise<T>): Promise<T> =>
    reading.catch((cause: unknown) => {
      throw damaged(
        path,
        `cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
        cause,
      );
    });
  const file = await readable(handle.stat());
  const { size, mtimeMs } = file;
  if (!file.isFile()) throw damaged(path, `is ${file.isDirectory() ? 'a directory' : 'not a regular file'}`);
  if (size === 0) throw damaged(path, 'is empty');
  const head = Buffer.alloc(64);
  const { bytesRead } = await readable(handle.read(head, 0, head.length, 0));
  const compression = compressionByContent(head.subarray(0, bytesRead));
  const named = compressionByName(path);
  if (named !== undefined && named !== compression) {
    // Without a signature it may be text or anything else.
    const is = compression === 'none' ? '' : `${compression}, `;
    throw damaged(path, `does not match its name: it is ${is}not ${named === 'none' ? 'plain text' : named}`);
  }
  return {
    path,
    sizeBytes: size,
    compression,
    readSql: (onRaw, context) => withLineEnds(decompress(path, compression, readRaw(handle, onRaw), context)),
    readPart: (from, to, context, onRaw = ignore) =>
      decompress(path, compression, readRaw(handle, onRaw, from, to), context, problemInPart),
    readBeginning: (from, count) => readBeginning(path, handle, compression, from, count),
    readRaw: (from, to) => withFailuresTold(path, readRaw(handle, ignore, from, to)),
    async changed() {
      const now = await handle.stat();
      return now.size !== size || now.mtimeMs !== mtimeMs;
    },
    [Symbol.asyncDispose]: () => closeQuietly(handle),
  };
}

const ignore = (): void => undefined;

async function* withLineEnds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const ends = new LineEnds();
  for await (const chunk of chunks) yield ends.push(chunk);
  yield ends.finish();
}

async function* decompress(
  path: string,
  compression: CompressionMethod,
  raw: AsyncIterable<Buffer>,
  context: CompressionContext,
  problemOf = problemIn,
): AsyncGenerator<Buffer> {
  const codec = await codecOf(compression);
  try {
    yield* withFailuresTold(path, codec.decompress(raw, context), problemOf);
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  }
}

/** Waits for nothing but the codec: `diff` reads thousands. */
async function readBeginning(
  path: string,
  handle: FileHandle,
  compression: CompressionMethod,
  fromBytes: number,
  sizeBytes: number,
): Promise<Buffer> {
  const { beginningOf } = await codecOf(compression);
  if (beginningOf === undefined) throw new Error(`${compression} has no parts`);
  const raw = Buffer.allocUnsafe(sizeBytes);
  try {
    return beginningOf(raw.subarray(0, readSync(handle.fd, raw, 0, sizeBytes, fromBytes)));
  } catch (error) {
    throw damaged(path, problemInPart(error as NodeJS.ErrnoException), error);
  }
}

/** @throws {DbBackupError} `damaged`, for anything that goes wrong while reading. */
async function* withFailuresTold(
  path: string,
  chunks: AsyncIterable<Buffer>,
  problemOf = problemIn,
): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof DbBackupError) throw error;
    throw damaged(path, problemOf(error as NodeJS.ErrnoException), error);
  }
}

function problemIn(error: NodeJS.ErrnoException): string {
  if (error instanceof CompressedDataError) return error.message;
  if (error.code === 'EIO') return 'cannot be read: the disk reported an error';
  return `cannot be read to its end (${error.message})`;
}

/** The file may end where it should: what is read begins or ends elsewhere than its manifest says, or is damaged. */
function problemInPart(error: NodeJS.ErrnoException): string {
  return error instanceof CompressedDataError
    ? 'cannot be read: its compressed data is damaged'
    : problemIn(error);
}

/** Reads by position, so that the same open file can be read several times. */
async function* readRaw(
  handle: FileHandle,
  onRaw: (bytes: Buffer) => void,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const buffers = Array.from({ length: READ_BUFFERS }, () => Buffer.allocUnsafeSlow(READ_BYTES));
  let position = from;
  for (let turn = 0; position < to; turn = (turn + 1) % READ_BUFFERS) {
    const buffer = buffers[turn] ?? Buffer.allocUnsafeSlow(READ_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, to - position), position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const bytes = buffer.subarray(0, bytesRead);
    onRaw(bytes);
    yield bytes;
  }
}
