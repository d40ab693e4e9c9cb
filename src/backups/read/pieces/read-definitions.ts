import { dumpedDefinition } from '../../../sql/definitions/dumped-definition.ts';
import { DumpPieces } from '../../../sql/outline/dump-pieces.ts';
import type { Runtime } from '../../../run/runtime.ts';
import type { Backup } from '../../record/backup.ts';
import type { Manifest, ManifestTable } from '../../record/manifest.ts';
import { codecOf } from '../../../compression/methods.ts';
import { openBackupFile, type BackupFile } from '../backup-file.ts';
import { hasOffsets } from '../backup-parts.ts';
import { damaged } from '../damaged.ts';

/** Most definitions are in it. */
const FIRST_BYTES = 1024;
const GROWTH = 8;

/** No definition is longer, and no one reads more of a file that is not what its manifest says. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The statements that make tables. Only their beginnings are read, where the manifest says that they are; all of a
 * file in which they have no offsets. Nothing is proven by the sha256.
 *
 * @returns by name; a table whose definition is not found is not in it.
 * @throws {DbBackupError} `damaged` where a section does not begin; and as `openBackupFile`.
 */
export async function readDefinitions(
  { path, manifest }: Backup & { readonly manifest: Manifest },
  names: ReadonlySet<string>,
  runtime: Runtime,
): Promise<ReadonlyMap<string, string>> {
  if (names.size === 0) return new Map();
  await using file = await openBackupFile(path);
  const { beginningOf } = await codecOf(file.compression);
  return hasOffsets(manifest) && beginningOf !== undefined
    ? await byOffsets(file, manifest, names, runtime)
    : await bySearch(file, names, runtime);
}

async function byOffsets(
  file: BackupFile,
  manifest: Manifest,
  names: ReadonlySet<string>,
  { signal }: Runtime,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const table of manifest.tables) {
    if (!names.has(table.name)) continue;
    signal.throwIfAborted();
    const definition = await definitionAt(file, table);
    if (definition !== undefined) found.set(table.name, definition);
  }
  return found;
}

async function definitionAt(
  file: BackupFile,
  { name, offsetBytes, uncompressedBytes }: ManifestTable,
): Promise<string | undefined> {
  const from = offsetBytes ?? 0;
  for (let bytes = FIRST_BYTES; ; bytes *= GROWTH) {
    const text = (await file.readBeginning(from, bytes)).subarray(0, uncompressedBytes);
    if (!BEGINS.test(text.toString('latin1', 0, 32)))
      throw damaged(file.path, `was changed: the table ${name} is not where its manifest says`);
    const definition = dumpedDefinition(text.toString('utf8'));
    const isAll = text.length === uncompressedBytes || from + bytes >= file.sizeBytes || bytes >= MOST_BYTES;
    if (definition !== undefined || isAll) return definition;
  }
}

const BEGINS = /^-- (?:Table|Sequence) structure for /;

async function bySearch(
  file: BackupFile,
  names: ReadonlySet<string>,
  runtime: Runtime,
): Promise<ReadonlyMap<string, string>> {
  const pieces = new DumpPieces();
  const texts = new Map<string, Buffer[]>();
  const take = (found: ReturnType<DumpPieces['push']>): void => {
    for (const { piece, bytes } of found) {
      const { kind, name = '' } = piece;
      if (kind !== 'table' || !names.has(name)) continue;
      const parts = texts.get(name) ?? [];
      texts.set(name, parts);
      parts.push(Buffer.from(bytes));
    }
  };
  for await (const chunk of file.readSql(() => undefined, runtime)) {
    runtime.signal.throwIfAborted();
    take(pieces.push(chunk));
  }
  take(pieces.finish());
  const definitions = Array.from(
    texts,
    ([name, parts]) => [name, dumpedDefinition(Buffer.concat(parts).toString('utf8'))] as const,
  );
  return new Map(definitions.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}
