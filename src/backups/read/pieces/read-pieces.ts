import { createHash } from 'node:crypto';
import { DumpPieces, type PieceBytes } from '../../../sql/outline/dump-pieces.ts';
import type { Runtime } from '../../../run/runtime.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { BackupFile } from '../backup-file.ts';
import { damaged } from '../damaged.ts';
import type { SqlRange } from './sql-ranges.ts';

/** Called with each piece of a dump in turn; the bytes are valid until what it returns is settled. */
export type TakePiece = (found: PieceBytes) => Promise<void>;

/** The line before a heading belongs to it, but stands in front of the section. */
const BEFORE_HEADING = Buffer.from('--\n');

/**
 * Reads parts of a file.
 *
 * @param onRaw Called with every byte as it is on disk.
 * @throws {DbBackupError} `damaged`; the signal's reason.
 */
export async function readRanges(
  file: BackupFile,
  ranges: readonly SqlRange[],
  take: TakePiece,
  runtime: Runtime,
  onRaw: (bytes: Buffer) => void,
): Promise<void> {
  const pieces = new DumpPieces();
  for (const { fromBytes, toBytes, begins } of ranges) {
    if (begins === 'section' || begins === 'anywhere') await takeAll(pieces.jump(), take);
    if (begins === 'section') await takeAll(pieces.push(BEFORE_HEADING), take);
    for await (const text of file.readPart(fromBytes, toBytes, runtime, onRaw)) {
      runtime.signal.throwIfAborted();
      await takeAll(pieces.push(text), take);
    }
  }
  await takeAll(pieces.finish(), take);
}

/** The same for all of a file, which is proven at the end: what was taken before may be wrong until then. */
export async function readPieces(
  file: BackupFile,
  manifest: Manifest | undefined,
  take: TakePiece,
  runtime: Runtime,
  onRaw: (bytes: Buffer) => void,
): Promise<void> {
  const pieces = new DumpPieces();
  await readSql(file, manifest, (text) => takeAll(pieces.push(text), take), runtime, onRaw);
  await takeAll(pieces.finish(), take);
}

/**
 * Reads all of a file as it is, and proves it by its manifest at the end.
 *
 * @throws {DbBackupError} as `readRanges`.
 */
export async function readSql(
  file: BackupFile,
  manifest: Manifest | undefined,
  take: (text: Buffer) => Promise<void>,
  runtime: Runtime,
  onRaw: (bytes: Buffer) => void,
): Promise<void> {
  const hash = createHash('sha256');
  let doneBytes = 0;
  const onBytes = (bytes: Buffer): void => {
    hash.update(bytes);
    doneBytes += bytes.length;
    onRaw(bytes);
  };
  for await (const text of file.readSql(onBytes, runtime)) {
    runtime.signal.throwIfAborted();
    await take(text);
    runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
  }
  if (manifest !== undefined && hash.digest('hex') !== manifest.file.sha256)
    throw damaged(file.path, 'was changed: its sha256 differs from the manifest');
}

async function takeAll(found: Iterable<PieceBytes>, take: TakePiece): Promise<void> {
  for (const piece of found) await take(piece);
}
