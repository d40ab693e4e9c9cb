import type { CompressionContext } from '../../compression/codec.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest, ManifestTable } from '../record/manifest.ts';
import { damaged } from './damaged.ts';
import type { BackupFile } from './backup-file.ts';
import { inFileOrder, offsetOf, skipOf, stretchesOf } from './stretches.ts';

/** Whether single tables of a backup can be read without the rest: not of one long stream. */
export function hasOffsets({ tables }: Manifest): boolean {
  return tables.every(({ offsetBytes }) => offsetBytes !== null);
}

/** A piece of a dump that can be read without what precedes it. */
interface Part {
  /** Where it starts in the file. */
  readonly offsetBytes: number;
  /** Where the next one starts in the file; undefined: it ends with its last section, or with the file. */
  readonly endBytes: number | undefined;
  /** What is wanted of it, in its order; undefined: all of it is. */
  readonly sections?: readonly SectionInPart[];
  /** The table whose chunks stand behind it, and are passed over; its section is the last one. */
  readonly chunked?: ManifestTable;
}

interface SectionInPart {
  readonly section: Section;
  /** So much text of the part stands before what is wanted of the section. */
  readonly skipBytes: number;
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
  const parts = (): readonly Part[] => [
    { offsetBytes: 0, endBytes: headEnd },
    ...tableParts(inFileOrder(tables), keepsChunks),
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

/** Tables that share a stretch of the file are read at once. */
function tableParts(sorted: readonly ManifestTable[], keepsChunks: boolean): readonly Part[] {
  const parts: Part[] = [];
  for (const table of sorted) {
    const section = { bytes: table.uncompressedBytes };
    const offsetBytes = offsetOf(table);
    const open = parts.at(-1);
    const isShared = open?.offsetBytes === offsetBytes && open.chunked === undefined;
    const before = isShared ? (parts.pop()?.sections ?? []) : [];
    const sections = [...before, { section, skipBytes: skipOf(table) }];
    if (keepsChunks || table.chunks === undefined || table.chunks.length === 0)
      parts.push({ offsetBytes, endBytes: undefined, sections });
    else
      parts.push(
        { offsetBytes, endBytes: firstOffset(table), sections, chunked: table },
        { offsetBytes: endOffset(table), endBytes: undefined, sections: [{ section, skipBytes: 0 }] },
      );
  }
  return parts;
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
      const { chunked, sections } = part;
      if (chunked === undefined) continue;
      const section = sections?.at(-1)?.section;
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
  /** Those that it has a part of; none: the part before the first table. */
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
  const starts = [{ tables: [], fromBytes: 0, textBytes: 0 }, ...checkedParts(manifest)];
  const damagedOnes: DamagedPart[] = [];
  for (const [index, { tables, fromBytes, textBytes }] of starts.entries()) {
    context.signal.throwIfAborted();
    const toBytes = starts[index + 1]?.fromBytes ?? Math.max(file.sizeBytes, manifest.file.sizeBytes);
    if (toBytes > fromBytes && !(await holds(file, { fromBytes, toBytes, textBytes }, context)))
      damagedOnes.push({ tables, fromBytes, toBytes, isLast: index === starts.length - 1 });
  }
  return damagedOnes;
}

interface CheckedPart {
  readonly tables: readonly string[];
  readonly fromBytes: number;
  /** It has no less. */
  readonly textBytes: number;
}

function checkedParts(manifest: Manifest): readonly CheckedPart[] {
  const stretches = stretchesOf(manifest);
  return stretches.map(({ fromBytes, tables, endOf }, index) => {
    const all = tables.reduce((most, table) => Math.max(most, skipOf(table) + table.uncompressedBytes), 0);
    const next = stretches[index + 1];
    // The end of the last table may stand in the next part.
    const elsewhere = next?.endOf === undefined ? 0 : skipOf(next.tables[0]);
    return {
      tables: [...(endOf === undefined ? [] : [endOf.name]), ...tables.map(({ name }) => name)],
      fromBytes,
      textBytes: all - elsewhere,
    };
  });
}

async function holds(
  file: BackupFile,
  part: { readonly fromBytes: number; readonly toBytes: number; readonly textBytes: number },
  context: CompressionContext,
): Promise<boolean> {
  let bytes = 0;
  try {
    for await (const text of file.readPart(part.fromBytes, part.toBytes, context)) bytes += text.length;
  } catch (error) {
    if (error instanceof DbBackupError) return false;
    throw error;
  }
  return bytes >= part.textBytes;
}

async function* readPart(
  file: BackupFile,
  { offsetBytes, endBytes, sections, chunked }: Part,
  context: CompressionContext,
): AsyncGenerator<Buffer> {
  if (endBytes !== undefined && endBytes <= offsetBytes) return;
  if (sections === undefined) {
    yield* file.readPart(offsetBytes, endBytes, context);
    return;
  }
  const wanted = sections.map(({ section, skipBytes }) => ({ section, nextAt: skipBytes }));
  const isMissing = ({ section }: SectionInPart): boolean => section.bytes > 0;
  if (!sections.some(isMissing)) return;
  let at = 0;
  for await (const text of file.readPart(offsetBytes, endBytes, context)) {
    for (const each of wanted) {
      const from = Math.max(0, each.nextAt - at);
      const bytes = text.subarray(from, from + Math.max(0, each.section.bytes));
      if (bytes.length === 0) continue;
      each.nextAt += bytes.length;
      each.section.bytes -= bytes.length;
      yield bytes;
    }
    at += text.length;
    if (!sections.some(isMissing)) return;
  }
  // What is left of the last one may stand behind the chunks.
  const ended = chunked === undefined ? sections : sections.slice(0, -1);
  if (ended.some(isMissing)) throw damaged(file.path, 'ends before the tables listed in its manifest');
}
