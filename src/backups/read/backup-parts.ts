import type { CompressionContext } from '../../compression/codec.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest, ManifestTable } from '../record/manifest.ts';
import { damaged } from './damaged.ts';
import type { BackupFile } from './backup-file.ts';

/** Whether single tables of a backup can be read without the rest: not of one long stream. */
export function hasOffsets({ tables }: Manifest): boolean {
  return tables.every(({ offsetBytes }) => offsetBytes !== null);
}

/** A piece of a dump that can be read without what precedes it. */
interface Part {
  /** Where it starts in the file. */
  readonly offsetBytes: number;
  /** Where the next one starts in the file; undefined: it ends with its section, or with the file. */
  readonly endBytes: number | undefined;
  /** The table's section that is wanted of it; undefined: all of it is. */
  readonly section?: Section;
  /** So much text stands before the section. */
  readonly skipBytes?: number;
  /** The table whose chunks stand behind it, and are passed over. */
  readonly chunked?: ManifestTable;
}

/** What is still to be read of a table's section. */
interface Section {
  bytes: number;
}

/** Where chunks have been passed over, in the text that is read. */
export interface Gap {
  readonly table: ManifestTable;
  /** How much of the text stands before them. */
  readonly at: number;
}

/** A backup as if it contained only a part of its text. */
export interface BackupParts extends BackupFile {
  /** As `readSql`, and tells where chunks are left out. */
  readParts(context: CompressionContext, onGap: (gap: Gap) => void): AsyncIterable<Buffer>;
}

/**
 * The same backup, as if it contained only its head and these tables. The rest is not read. `onRaw` and `sizeBytes`
 * then refer to the text.
 *
 * @param tables Of the manifest, which must have offsets.
 * @param keepsChunks Else they are passed over; `sizeBytes` counts them all the same.
 */
export function backupParts(
  file: BackupFile,
  manifest: Manifest,
  tables: readonly ManifestTable[],
  keepsChunks = true,
): BackupParts {
  const headEnd = Math.min(...manifest.tables.map(({ offsetBytes }) => offsetBytes ?? 0));
  const sorted = [...tables].sort(
    (a, b) => (a.offsetBytes ?? 0) - (b.offsetBytes ?? 0) || (a.skipBytes ?? 0) - (b.skipBytes ?? 0),
  );
  const parts = (): readonly Part[] => [
    { offsetBytes: 0, endBytes: headEnd },
    ...sorted.flatMap((table) => sectionParts(table, keepsChunks)),
  ];
  return partsOf(file, parts, totalBytes(tables));
}

/** The same backup, as if it had no chunks. `onRaw` refers to the text; `sizeBytes` is that of all of the text. */
export function withoutChunks(file: BackupFile, manifest: Manifest): BackupParts {
  const chunked = manifest.tables
    .filter(({ chunks = [] }) => chunks.length > 0)
    .sort((a, b) => firstOffset(a) - firstOffset(b));
  const parts = (): readonly Part[] => [
    ...chunked.map((table, index) => ({
      offsetBytes: index === 0 ? 0 : endOffset(chunked[index - 1]),
      endBytes: firstOffset(table),
      chunked: table,
    })),
    { offsetBytes: endOffset(chunked.at(-1)), endBytes: undefined },
  ];
  return partsOf(file, parts, manifest.file.uncompressedBytes);
}

function sectionParts(table: ManifestTable, keepsChunks: boolean): readonly Part[] {
  const section = { bytes: table.uncompressedBytes };
  const { skipBytes = 0 } = table;
  const offsetBytes = table.offsetBytes ?? 0;
  if (keepsChunks || table.chunks === undefined || table.chunks.length === 0)
    return [{ offsetBytes, endBytes: undefined, section, skipBytes }];
  return [
    { offsetBytes, endBytes: firstOffset(table), section, skipBytes, chunked: table },
    { offsetBytes: endOffset(table), endBytes: undefined, section },
  ];
}

function firstOffset({ chunks = [] }: ManifestTable): number {
  return chunks[0]?.offsetBytes ?? 0;
}

function endOffset(table: ManifestTable | undefined): number {
  return table?.chunks?.at(-1)?.endBytes ?? 0;
}

function totalBytes(parts: readonly { readonly uncompressedBytes: number }[]): number {
  return parts.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
}

/** @param partsOnce Made anew for each reading. */
function partsOf(file: BackupFile, partsOnce: () => readonly Part[], sizeBytes: number): BackupParts {
  async function* readParts(context: CompressionContext, onGap: (gap: Gap) => void): AsyncGenerator<Buffer> {
    let at = 0;
    for (const part of partsOnce()) {
      for await (const text of readPart(file, part, context)) {
        context.signal.throwIfAborted();
        at += text.length;
        yield text;
      }
      const { chunked, section } = part;
      if (chunked === undefined) continue;
      if (section !== undefined) section.bytes -= totalBytes(chunked.chunks ?? []);
      onGap({ table: chunked, at });
    }
  }
  return {
    ...file,
    sizeBytes,
    readParts,
    async *readSql(onRaw, context) {
      for await (const text of readParts(context, () => undefined)) {
        onRaw(text);
        yield text;
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(), // the file belongs to whoever opened it
  };
}

/** A part of a compressed file that cannot be decompressed, or is shorter than it should be. */
export interface DamagedPart {
  /** Those that begin in it; none: the part before the first table. */
  readonly tables: readonly string[];
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
  const starts = [
    { tables: [], fromBytes: 0, uncompressedBytes: 0 },
    ...partsByOffset(manifest).sort((a, b) => a.fromBytes - b.fromBytes),
  ];
  const damagedOnes: DamagedPart[] = [];
  for (const [index, { tables, fromBytes, uncompressedBytes }] of starts.entries()) {
    context.signal.throwIfAborted();
    const toBytes = starts[index + 1]?.fromBytes ?? Math.max(file.sizeBytes, manifest.file.sizeBytes);
    if (toBytes > fromBytes && !(await holds(file, { fromBytes, toBytes, uncompressedBytes }, context)))
      damagedOnes.push({ tables, fromBytes, toBytes, isLast: index === starts.length - 1 });
  }
  return damagedOnes;
}

interface TablesPart {
  readonly tables: string[];
  readonly fromBytes: number;
  /** How much text its tables reach to. */
  uncompressedBytes: number;
}

/** Small tables may share a part. */
function partsByOffset({ tables }: Manifest): TablesPart[] {
  const parts = new Map<number, TablesPart>();
  for (const { name, offsetBytes, skipBytes = 0, uncompressedBytes } of tables) {
    const fromBytes = offsetBytes ?? 0;
    const part = parts.get(fromBytes) ?? { tables: [], fromBytes, uncompressedBytes: 0 };
    parts.set(fromBytes, part);
    part.tables.push(name);
    part.uncompressedBytes = Math.max(part.uncompressedBytes, skipBytes + uncompressedBytes);
  }
  return [...parts.values()];
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
  { offsetBytes, endBytes, section, skipBytes = 0 }: Part,
  context: CompressionContext,
): AsyncGenerator<Buffer> {
  if (endBytes !== undefined && endBytes <= offsetBytes) return;
  if (section === undefined) {
    yield* file.readPart(offsetBytes, endBytes, context);
    return;
  }
  if (section.bytes === 0) return;
  let toSkip = skipBytes;
  for await (const text of file.readPart(offsetBytes, endBytes, context)) {
    const skipped = Math.min(toSkip, text.length);
    toSkip -= skipped;
    const bytes = text.subarray(skipped, skipped + Math.max(0, section.bytes));
    section.bytes -= bytes.length;
    yield bytes;
    if (section.bytes <= 0) return;
  }
  if (endBytes === undefined && section.bytes > 0)
    throw damaged(file.path, 'ends before the tables listed in its manifest');
}
