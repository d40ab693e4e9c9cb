import type { BackupFile } from '../../backups/read/backup-file.ts';
import { hasOffsets } from '../../backups/read/backup-parts.ts';
import type { Manifest, ManifestTable } from '../../backups/record/manifest.ts';
import type { CompressionContext } from '../../compression/codec.ts';
import { type SqlBlock, SqlBlocks } from '../../sql/outline/dump-blocks.ts';
import type { Section } from '../../sql/outline/dump-outline.ts';

/** A stretch of a backup: its head, or all from where one table's section starts to where the next one does. */
export interface Range {
  /** undefined: the head. */
  readonly table: ManifestTable | undefined;
  /** Where it is in the file; undefined: of one long stream. */
  readonly place: { readonly fromBytes: number; readonly toBytes: number } | undefined;
  /** Its SQL; each chunk is valid until the next one is asked for. To be read once. */
  readonly text: () => AsyncIterable<Buffer>;
}

const BLOCK_BYTES = 1024 * 1024;

/**
 * All of a backup, range after range. In one long stream, what of a range is not read is skipped.
 *
 * @throws {DbBackupError} `damaged`, while a text is read.
 */
export function rangesOf(
  file: BackupFile,
  manifest: Manifest,
  context: CompressionContext,
): AsyncIterable<Range> {
  return canBeCopied(manifest) ? byOffsets(file, manifest, context) : ofStream(file, manifest, context);
}

/** Whether each table's section begins where nothing else can be read from. */
export function canBeCopied(manifest: Manifest): boolean {
  return hasOffsets(manifest) && manifest.tables.every(({ skipBytes }) => skipBytes === undefined);
}

async function* byOffsets(
  file: BackupFile,
  { tables }: Manifest,
  context: CompressionContext,
): AsyncGenerator<Range> {
  await Promise.resolve(); // as the other one, whose places are found while it is read
  const starts = tables
    .map((table) => ({ table, fromBytes: table.offsetBytes ?? 0 }))
    .sort((a, b) => a.fromBytes - b.fromBytes);
  for (const [index, { table, fromBytes }] of [{ table: undefined, fromBytes: 0 }, ...starts].entries()) {
    context.signal.throwIfAborted();
    const place = { fromBytes, toBytes: starts[index]?.fromBytes ?? file.sizeBytes };
    if (place.toBytes > fromBytes)
      yield { table, place, text: () => file.readPart(fromBytes, place.toBytes, context) };
  }
}

async function* ofStream(
  file: BackupFile,
  { tables }: Manifest,
  context: CompressionContext,
): AsyncGenerator<Range> {
  const named = new Map(tables.map((table) => [table.name, table]));
  const blocks = blocksOf(file.readPart(0, undefined, context));
  // The first block that has not been used up.
  let block: SqlBlock | undefined;
  const advance = async (): Promise<void> => {
    block?.release();
    const next = await blocks.next();
    block = next.done === true ? undefined : next.value;
  };
  await advance();
  for (let head = block; head !== undefined; head = block) {
    const isInside = (): boolean => block === head || (block !== undefined && sectionOf(block) === undefined);
    yield {
      table: named.get(sectionOf(head)?.table ?? ''),
      place: undefined,
      async *text() {
        while (block !== undefined && isInside()) {
          context.signal.throwIfAborted();
          yield block.bytes;
          await advance();
        }
      },
    };
    while (isInside()) await advance();
  }
}

/** The section that begins with a block, if one does. */
function sectionOf({ place }: SqlBlock): Section | undefined {
  return place !== undefined && 'table' in place ? place : undefined;
}

async function* blocksOf(text: AsyncIterable<Buffer>): AsyncGenerator<SqlBlock, undefined> {
  const blocks = new SqlBlocks(BLOCK_BYTES);
  for await (const chunk of text) yield* blocks.push(chunk);
  yield* blocks.finish();
  return undefined;
}
