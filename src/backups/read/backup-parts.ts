import type { CompressionContext } from '../../compression/codec.ts';
import { readsParts } from '../../compression/methods.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest, ManifestTable } from '../record/manifest.ts';
import { damaged } from './damaged.ts';
import type { BackupFile } from './backup-file.ts';

/** A piece of a dump that can be read without what precedes it. */
interface Part {
  /** Where it starts in the file. */
  readonly offsetBytes: number;
  /** Where the next one starts in the file; undefined: its length is `uncompressedBytes`. */
  readonly endBytes: number | undefined;
  readonly uncompressedBytes: number | undefined;
}

/** Whether single tables of a backup can be read without the rest: not of one long zstd stream. */
export function hasOffsets({ tables, file }: Manifest): boolean {
  return readsParts(file.compression) && tables.every(({ offsetBytes }) => offsetBytes !== null);
}

/**
 * The same backup, as if it contained only its head and these tables. The rest is not read. `onRaw` and `sizeBytes`
 * then refer to the text.
 *
 * @param tables Of the manifest, which must have offsets.
 */
export function backupParts(
  file: BackupFile,
  manifest: Manifest,
  tables: readonly ManifestTable[],
): BackupFile {
  const headEnd = Math.min(...manifest.tables.map(({ offsetBytes }) => offsetBytes ?? 0));
  const parts: Part[] = [
    { offsetBytes: 0, endBytes: headEnd, uncompressedBytes: undefined },
    ...[...tables]
      .sort((a, b) => (a.offsetBytes ?? 0) - (b.offsetBytes ?? 0))
      .map(({ offsetBytes, uncompressedBytes }) => ({
        offsetBytes: offsetBytes ?? 0,
        endBytes: undefined,
        uncompressedBytes,
      })),
  ];
  return {
    ...file,
    sizeBytes: tables.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0),
    async *readSql(onRaw, context) {
      for (const part of parts) {
        for await (const text of readPart(file, part, context)) {
          context.signal.throwIfAborted();
          onRaw(text);
          yield text;
        }
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(), // the file belongs to whoever opened it
  };
}

/** A part of a compressed file that cannot be decompressed, or is shorter than it should be. */
export interface DamagedPart {
  /** undefined: the part before the first table. */
  readonly table: string | undefined;
  readonly fromBytes: number;
  readonly toBytes: number;
  /** It also contains what follows the tables: views, routines, events. */
  readonly isLast: boolean;
}

/**
 * Which parts of a compressed file are damaged, by the checksums that each has. A part reaches to the next table's; the last
 * one to the end of the file.
 *
 * @param manifest Must have offsets.
 */
export async function damagedParts(
  file: BackupFile,
  manifest: Manifest,
  context: CompressionContext,
): Promise<readonly DamagedPart[]> {
  const tables = manifest.tables
    .map(({ name, offsetBytes, uncompressedBytes }) => ({
      table: name,
      fromBytes: offsetBytes ?? 0,
      uncompressedBytes,
    }))
    .sort((a, b) => a.fromBytes - b.fromBytes);
  const starts = [{ table: undefined, fromBytes: 0, uncompressedBytes: 0 }, ...tables];
  const damagedOnes: DamagedPart[] = [];
  for (const [index, { table, fromBytes, uncompressedBytes }] of starts.entries()) {
    context.signal.throwIfAborted();
    const toBytes = starts[index + 1]?.fromBytes ?? Math.max(file.sizeBytes, manifest.file.sizeBytes);
    if (toBytes > fromBytes && !(await holds(file, { fromBytes, toBytes, uncompressedBytes }, context)))
      damagedOnes.push({ table, fromBytes, toBytes, isLast: index === starts.length - 1 });
  }
  return damagedOnes;
}

async function holds(
  file: BackupFile,
  part: { readonly fromBytes: number; readonly toBytes: number; readonly uncompressedBytes: number },
  context: CompressionContext,
): Promise<boolean> {
  let bytes = 0;
  try {
    for await (const text of file.readPart(part.fromBytes, part.toBytes, context)) bytes += text.length;
  } catch (error) {
    if (error instanceof DbBackupError) return false;
    throw error;
  }
  return bytes >= part.uncompressedBytes;
}

async function* readPart(
  file: BackupFile,
  { offsetBytes, endBytes, uncompressedBytes }: Part,
  context: CompressionContext,
): AsyncGenerator<Buffer> {
  let left = uncompressedBytes ?? Number.POSITIVE_INFINITY;
  if (left === 0) return;
  for await (const text of file.readPart(offsetBytes, endBytes, context)) {
    yield text.subarray(0, Math.min(text.length, left));
    left -= text.length;
    if (left <= 0) return;
  }
  if (Number.isFinite(left)) throw damaged(file.path, 'ends before the tables listed in its manifest');
}
