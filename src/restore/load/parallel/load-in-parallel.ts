import { createHash } from 'node:crypto';
import type { BackupFile } from '../../../backups/read/backup-file.ts';
import { DbBackupError } from '../../../run/errors.ts';
import { DumpSplitter } from '../../../sql/script/dump-splitter.ts';
import type { DatabaseLock } from '../../../jobs/lock-database.ts';
import { DumpLoader } from './parallel-loader.ts';
import { type RowStatement, RowStatements } from '../../../sql/rows/row-statements.ts';
import { NotRowsError } from '../../../sql/rows/row-values.ts';
import { StatementBuffers } from '../../../sql/rows/statement-buffers.ts';
import { PACKET_ROOM_BYTES } from '../../../server/connect/send-packet.ts';
import type { ProvenChunk } from '../../../sql/script/load-plan.ts';
import type { LoadedTables } from './loaded-tables.ts';
import type { LoaderTarget } from './parallel-loader.ts';
import type { Runtime } from '../../../run/runtime.ts';
import type { VerifiedDump } from '../../../backups/read/verify-file.ts';

export interface ParallelLoad extends LoaderTarget {
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
  /** Aborted when the run may not go on. */
  readonly lock: Pick<DatabaseLock, 'lost'>;
}

/**
 * Loads the tables of a verified dump through several connections at once: each whole INSERT is sent to the next free
 * one, or each connection reads chunks of its own. Indexes are added once the rows of their table are in, while the next
 * table loads.
 *
 * @throws {DbBackupError} `restore-failed`, naming the table and the statement, without row data; the signal's
 *   reason; `unreachable`. What the schema holds by then is for the caller to remove.
 * @throws {NotRowsError} when a chunk holds what its reader does not know; what came before it has been sent.
 */
export async function loadInParallel(load: ParallelLoad, runtime: Runtime): Promise<LoadedTables> {
  const stop = new AbortController();
  const signal = AbortSignal.any([runtime.signal, load.lock.lost, stop.signal]);
  await using loader = new DumpLoader(load, { ...runtime, signal }, (error) => {
    stop.abort(error); // the first failure ends the other connections
  });
  try {
    await readInto(loader, load, signal, runtime);
    return await loader.finish((message) => {
      runtime.onProgress({ kind: 'step', message });
    });
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    stop.abort(reason);
    throw reason;
  }
}

async function readInto(
  loader: DumpLoader,
  { file, verified, script }: ParallelLoad,
  signal: AbortSignal,
  runtime: Runtime,
): Promise<void> {
  const hash = createHash('sha256');
  const splitter = new DumpSplitter(script);
  let doneBytes = 0;
  const onRaw = (raw: Buffer): void => {
    doneBytes += raw.length;
    hash.update(raw);
  };
  for await (const chunk of file.readSql(onRaw, runtime)) {
    for (const part of splitter.push(chunk)) await loader.take(part);
    signal.throwIfAborted();
    runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
  }
  if (hash.digest('hex') !== verified.sha256) throw changed(file);
  const buffers = new StatementBuffers(PACKET_ROOM_BYTES);
  const longestBytes = verified.findings.longestStatementBytes;
  await loader.loadChunks((chunk, head) => {
    const onText = (text: Buffer): void => {
      signal.throwIfAborted();
      doneBytes += text.length;
      runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
    };
    return readChunk({ file, chunk, onText }, new RowStatements(head, buffers, longestBytes), runtime);
  });
}

/** The statements of a chunk, each of which puts rows into the table, and does nothing else. */
async function* readChunk(
  {
    file,
    chunk,
    onText,
  }: {
    readonly file: BackupFile;
    readonly chunk: ProvenChunk;
    readonly onText: (text: Buffer) => void;
  },
  statements: RowStatements,
  runtime: Runtime,
): AsyncGenerator<RowStatement> {
  const { offsetBytes, endBytes, sha256, uncompressedBytes } = chunk;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const text of file.readPart(offsetBytes, endBytes, runtime, (raw) => hash.update(raw))) {
      bytes += text.length;
      if (bytes > uncompressedBytes) throw changed(file);
      onText(text);
      yield* statements.push(text);
    }
    if (hash.digest('hex') !== sha256 || bytes !== uncompressedBytes) throw changed(file);
    statements.finish();
    if (statements.count !== chunk.statements) throw new NotRowsError();
  } catch (error) {
    throw error instanceof NotRowsError ? new NotRowsError(`in the chunk at byte ${offsetBytes}`) : error;
  }
}

function changed({ path }: BackupFile): DbBackupError {
  return new DbBackupError('restore-failed', `Loading failed: ${path} was changed during the restore.`);
}
