import { createHash } from 'node:crypto';
import type { BackupFile } from '../../backups/read/backup-file.ts';
import type { Manifest, ManifestTable } from '../../backups/record/manifest.ts';
import type { CompressionContext, Compressor, Entry, FilePlace } from '../../compression/codec.ts';
import { openCompressor } from '../../compression/compressors.ts';
import { type Compression, rowCutsOf } from '../../compression/methods.ts';
import { DbBackupError } from '../../run/errors.ts';
import { SqlBlocks } from '../../sql/outline/dump-blocks.ts';
import type { Place } from '../../sql/outline/dump-outline.ts';
import { canBeCopied, rangesOf } from './first-ranges.ts';
import { partsOf } from './read-section.ts';

const BLOCK_BYTES = 1024 * 1024;

/** A table that is not as the first backup has it. */
export interface ChangedTable {
  /** Its definition now; bytes as latin1. */
  readonly head: string;
  /** Its section now, whose definition and end are not used. */
  readonly section: () => AsyncIterable<Buffer>;
}

/** What was written: as much of a manifest as it changes. */
export interface RenewedFile extends Pick<Manifest, 'tables'> {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly uncompressedBytes: number;
  /** Of each table that was compressed anew, where the file begins anew at the cuts of its rows. */
  readonly cutOffsets: ReadonlyMap<string, readonly number[]>;
}

/**
 * Writes a backup anew: changed tables get the definition and the rows that they have now, with the triggers that they
 * had; all else is copied, byte for byte as it is compressed.
 *
 * @param onBytes Called with how much of the first one has been copied or replaced.
 * @throws {DbBackupError} `damaged` when the first backup is not what its manifest says; what the sink rejects with.
 */
export async function writeRenewed(
  first: { readonly file: BackupFile; readonly manifest: Manifest; readonly compression: Compression },
  changed: ReadonlyMap<string, ChangedTable>,
  sink: (bytes: Buffer) => Promise<void>,
  context: CompressionContext & { readonly onBytes: (bytes: number) => void },
): Promise<RenewedFile> {
  const { file, manifest } = first;
  const output = new Output(first.compression, sink, context);
  await using stream = canBeCopied(manifest) ? undefined : await output.openStream();
  const copied = new Map<string, ManifestTable>();
  const anew = new Map<string, WrittenText>();
  let grownBytes = 0;
  for await (const { table, place, text } of rangesOf(file, manifest, context)) {
    const now = table && changed.get(table.name);
    if (table !== undefined && now !== undefined) {
      const counted = { before: 0, after: 0 };
      anew.set(table.name, await output.writeText(withRows(text(), table, now, counted), stream));
      grownBytes += counted.after - counted.before;
    } else if (place !== undefined) {
      const shift = output.sizeBytes - place.fromBytes;
      for await (const bytes of file.readRaw(place.fromBytes, place.toBytes)) await output.write(bytes);
      if (table !== undefined) copied.set(table.name, moved(table, shift, grownBytes));
    } else {
      const made = await output.writeText(text(), stream);
      if (table !== undefined) anew.set(table.name, made);
    }
    if (place !== undefined) context.onBytes(place.toBytes);
  }
  await stream?.end();
  await refuseAltered(file, manifest);
  return {
    tables: manifest.tables.map((table) => {
      const made = anew.get(table.name);
      return made === undefined ? (copied.get(table.name) ?? table) : describedAs(table, made);
    }),
    sizeBytes: output.sizeBytes,
    sha256: output.sha256(),
    uncompressedBytes: manifest.file.uncompressedBytes + grownBytes,
    cutOffsets: new Map(Array.from(anew, ([name, made]) => [name, made.cutOffsets])),
  };
}

/** What was written anew. The places are known when its compressor has ended. */
interface WrittenText {
  /** Of the section that it begins with, if it does. */
  readonly sectionBytes: number;
  readonly place: FilePlace | undefined;
  readonly cutOffsets: readonly number[];
}

function describedAs({ name, engine }: ManifestTable, { sectionBytes, place }: WrittenText): ManifestTable {
  const { offsetBytes = null, skipBytes = 0 } = place ?? {};
  const skipped = skipBytes === 0 ? {} : { skipBytes };
  return { name, engine, uncompressedBytes: sectionBytes, offsetBytes, ...skipped };
}

/** @param textShiftBytes By how much there is more of the text before it. */
function moved(table: ManifestTable, shiftBytes: number, textShiftBytes: number): ManifestTable {
  const offsetBytes = (table.offsetBytes ?? 0) + shiftBytes;
  if (table.chunks === undefined) return { ...table, offsetBytes };
  const chunks = table.chunks.map((chunk) => ({
    ...chunk,
    offsetBytes: chunk.offsetBytes + shiftBytes,
    endBytes: chunk.endBytes + shiftBytes,
    textOffsetBytes: chunk.textOffsetBytes + textShiftBytes,
  }));
  return { ...table, offsetBytes, chunks };
}

/** What was copied is what its manifest has proved. */
async function refuseAltered(file: BackupFile, manifest: Manifest): Promise<void> {
  const hash = createHash('sha256');
  for await (const bytes of file.readRaw(0)) hash.update(bytes);
  if (hash.digest('hex') === manifest.file.sha256) return;
  throw new DbBackupError('damaged', `${file.path} was changed: its sha256 differs from the manifest.`);
}

/** A range whose table has other rows now. What stands behind its section stays. */
async function* withRows(
  text: AsyncIterable<Buffer>,
  { uncompressedBytes }: ManifestTable,
  { head, section }: ChangedTable,
  counted: { before: number; after: number },
): AsyncGenerator<Buffer> {
  const put = (bytes: Buffer): Buffer => {
    counted.after += bytes.length;
    return bytes;
  };
  yield put(Buffer.from(head, 'latin1'));
  for await (const { part, bytes } of partsOf(section())) if (part === 'rows') yield put(bytes);
  const all = text[Symbol.asyncIterator]();
  let behind: Buffer = Buffer.alloc(0);
  const counting: AsyncIterable<Buffer> = {
    async *[Symbol.asyncIterator]() {
      let left = uncompressedBytes;
      while (left > 0) {
        const next = await all.next();
        if (next.done === true) return;
        counted.before += next.value.length;
        behind = next.value.subarray(left);
        yield next.value.subarray(0, left);
        left -= next.value.length;
      }
    },
  };
  for await (const { part, bytes } of partsOf(counting)) if (part === 'tail') yield put(bytes);
  yield put(behind);
  for (let next = await all.next(); next.done !== true; next = await all.next()) {
    counted.before += next.value.length;
    yield put(next.value);
  }
}

class Output {
  readonly #compression: Compression;
  readonly #sink: (bytes: Buffer) => Promise<void>;
  readonly #context: CompressionContext;
  readonly #hash = createHash('sha256');
  /** The first one of a file begins apart from its head. */
  #hasSection = false;
  sizeBytes = 0;

  constructor(compression: Compression, sink: (bytes: Buffer) => Promise<void>, context: CompressionContext) {
    this.#compression = compression;
    this.#sink = sink;
    this.#context = context;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.sizeBytes += bytes.length;
    await this.#sink(bytes);
  }

  /** For all of a file that is one stream. */
  openStream(): Promise<Compressor> {
    return openCompressor(this.#compression, (bytes) => this.write(bytes), this.#context);
  }

  /** @param stream undefined: a stretch of its own, which can be read without what precedes it. */
  async writeText(text: AsyncIterable<Buffer>, stream: Compressor | undefined): Promise<WrittenText> {
    const startBytes = stream === undefined ? this.sizeBytes : 0;
    const blocks = new SqlBlocks(BLOCK_BYTES, rowCutsOf(this.#compression.method));
    const into = stream ?? (await this.openStream());
    const made: { sectionBytes: number; place: FilePlace | undefined; cutOffsets: number[] } = {
      ...{ sectionBytes: 0, place: undefined, cutOffsets: [] },
    };
    const entryOf = (place: Place): Entry => {
      const isSection = 'table' in place;
      const isAlone = !isSection || !this.#hasSection;
      this.#hasSection ||= isSection;
      return {
        isAlone,
        onPlace: ({ offsetBytes, skipBytes }) => {
          if (isSection) made.place = { offsetBytes: startBytes + offsetBytes, skipBytes };
          else made.cutOffsets.push(startBytes + offsetBytes);
        },
      };
    };
    try {
      const write = async (pending: ReturnType<SqlBlocks['push']>): Promise<void> => {
        for (const { bytes, place, release } of pending)
          await into.write(bytes, place && entryOf(place), release);
      };
      for await (const chunk of text) await write(blocks.push(chunk));
      await write(blocks.finish());
      blocks.outline.finish();
      if (stream === undefined) await into.end();
    } finally {
      if (stream === undefined) await into[Symbol.asyncDispose]();
    }
    made.sectionBytes = blocks.outline.sections[0]?.uncompressedBytes ?? 0;
    return made;
  }
}
