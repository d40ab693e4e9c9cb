import { basename, join } from 'path/posix';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { openBackupFile, type BackupFile } from '../../backups/read/backup-file.ts';
import { verifyFile } from '../../backups/read/verify-file.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { baseName } from '../../backups/record/backup-name.ts';
import { manifestPathOf } from '../../backups/record/manifest-file.ts';
import { stageManifest } from '../../backups/record/write-manifest.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { compressionOf, extensionOf, rowCutsOf, standardCompression } from '../../compression/methods.ts';
import { openPartialFile, partialPath, type PartialFile } from '../../files/partial-file.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { CreatedBackup } from '../backup-task.ts';
import { restoreOnly } from '../refuse-unrestorable.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import { DumpOutline, type Place, type Section } from '../../sql/outline/dump-outline.ts';
import { rowChunks } from '../../sql/rows/row-chunks.ts';
import type { StreamedDump } from '../stream-dump.ts';
import { dumpTables } from './dump-tables.ts';
import { rangesOf } from './first-ranges.ts';
import { firstBytes, headAsItWas, readSection, sameHead } from './read-section.ts';
import { type ChangedTable, writeRenewed } from './renewed-file.ts';

/** A backup of which some tables are brought up to date. */
export interface RenewRequest {
  readonly connection: Connection;
  readonly directory: string;
  readonly first: Backup & { readonly manifest: Manifest };
  /** Where the tables are now, which nobody writes to any more. */
  readonly schema: string;
  /** Those that may have been written to since the first backup began. */
  readonly tables: readonly string[];
  /** The name of the new backup, which is free, and the time in it. */
  readonly name: string;
  readonly at: Date;
}

export interface Renewed {
  readonly backup: CreatedBackup;
  /** The tables whose rows, or sequences that, are others than in the first backup. */
  readonly written: readonly string[];
}

/**
 * Makes a backup anew under another name, from what is unchanged of a first one, and from tables as they are now in
 * another schema. It is held to the same checks, and has its name only when it is complete; the first one stays.
 *
 * @returns undefined: nothing has changed, and the first one holds all.
 * @throws {DbBackupError} `dump-failed`, `damaged`, `no-space`, …; the signal's reason.
 */
export async function renewBackup(
  request: RenewRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<Renewed | undefined> {
  const { connection, directory, first, schema, tables, name } = request;
  const { manifest } = first;
  const path = join(databaseFolder(directory, manifest.database), name + extensionOf(first.compression));
  // Of another ending, so that the two are told apart.
  const method = first.compression === 'gzip' ? 'none' : 'gzip';
  const latePath = join(databaseFolder(directory, manifest.database), name + extensionOf(method));
  await using lateFile = await openPartialFile(latePath);
  const addLocks = manifest.options['addLocks'] !== false;
  const dumped = await dumpTables({ connection, schema, tables, addLocks }, lateFile, session, runtime);
  await lateFile.sync();
  await using late = await openBackupFile(partialPath(latePath));
  await using file = await openBackupFile(first.path);
  const { changed, written } = await compare(
    { request, file, late, sections: sectionsOf(dumped, late, runtime) },
    runtime,
  );
  if (changed.size === 0) return undefined;
  await using partial = await openPartialFile(path);
  const renewed = await writeAndVerify({ request, file, partial, path, changed }, runtime);
  await using manifestFile = await stageManifest(manifestPathOf(path), renewed);
  runtime.signal.throwIfAborted();
  await manifestFile.publish();
  try {
    await partial.publish();
  } catch (error) {
    await manifestFile.withdraw();
    throw error;
  }
  return { backup: { path, manifest: renewed }, written };
}

type Sections = ReadonlyMap<string, () => AsyncIterable<Buffer>>;

/** How to read each table's section of a dump in gzip members. */
function sectionsOf({ outline, places }: StreamedDump, file: BackupFile, runtime: Runtime): Sections {
  return new Map(
    outline.sections.map((section) => [
      section.table,
      () =>
        firstBytes(
          file.readPart(places.get(section)?.offsetBytes ?? 0, undefined, runtime),
          section.uncompressedBytes,
        ),
    ]),
  );
}

/** Which tables are others than in the first backup. */
async function compare(
  of: {
    readonly request: RenewRequest;
    readonly file: BackupFile;
    readonly late: BackupFile;
    readonly sections: Sections;
  },
  runtime: Runtime,
): Promise<{ readonly changed: ReadonlyMap<string, ChangedTable>; readonly written: readonly string[] }> {
  const { first, tables } = of.request;
  const { manifest } = first;
  const database = Buffer.from(quoteName(manifest.database)).toString('latin1');
  const asked = new Set(tables);
  const changed = new Map<string, ChangedTable>();
  const written: string[] = [];
  for await (const { table, text } of rangesOf(of.file, manifest, runtime)) {
    const section = table && asked.has(table.name) ? of.sections.get(table.name) : undefined;
    if (table === undefined || section === undefined) continue;
    const before = await readSection(firstBytes(text(), table.uncompressedBytes));
    const now = await readSection(section());
    const head = headAsItWas(now.head, database);
    const isSequence = head.startsWith('-- Sequence');
    if (!isSequence && !sameHead(before.head, head))
      throw new DbBackupError(
        'dump-failed',
        `The definition of ${table.name} is not the one that the safety backup has.`,
      );
    if (before.head === head && before.rows === now.rows) continue;
    changed.set(table.name, { head, section });
    if (isSequence || before.rows !== now.rows) written.push(table.name);
  }
  return { changed, written };
}

async function writeAndVerify(
  of: {
    readonly request: RenewRequest;
    readonly file: BackupFile;
    readonly partial: PartialFile;
    readonly path: string;
    readonly changed: ReadonlyMap<string, ChangedTable>;
  },
  runtime: Runtime,
): Promise<Manifest> {
  const { request, file, partial, path, changed } = of;
  const { manifest } = request.first;
  const begunAt = runtime.now().getTime();
  const compression =
    compressionOf(String(manifest.options['compress'])) ?? standardCompression(request.first.compression);
  const { tables, cutOffsets, ...written } = await writeRenewed(
    { file, manifest, compression },
    changed,
    partial.write.bind(partial),
    {
      env: runtime.env,
      signal: runtime.signal,
      onBytes: (doneBytes) => {
        runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
      },
    },
  );
  await partial.sync();
  const finishedAt = runtime.now();
  const fileName = basename(path);
  const draft: Manifest = {
    ...manifest,
    name: baseName(fileName),
    startedAt: request.at.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: manifest.durationMs + Math.max(0, finishedAt.getTime() - begunAt),
    file: { ...manifest.file, name: fileName, ...written },
    tables,
    rehearsal: undefined,
  };
  await using readBack = await openBackupFile(partialPath(path));
  const backup = { ...request.first, name: draft.name, path, sizeBytes: written.sizeBytes, manifest: draft };
  const outline = new DumpOutline(rowCutsOf(compression.method));
  const onSql = (sql: Buffer): void => void outline.push(sql);
  const { findings } = await verifyFile(
    { backup, file: readBack, target: manifest.database, allowIncomplete: false, onSql },
    runtime,
  );
  outline.finish();
  refuseOtherContent(draft, outline, findings.inventory);
  const chunks = rowChunks(...changedPlaces(outline.sections, findings.script, cutOffsets));
  const { longestStatementBytes } = findings;
  return {
    ...draft,
    tables: tables.map((table) =>
      chunks.has(table.name) ? { ...table, chunks: chunks.get(table.name) } : table,
    ),
    longestStatementBytes,
    restoreOnly: restoreOnly(findings),
  };
}

/** What `rowChunks` takes, of the tables that were written anew alone. */
function changedPlaces(
  sections: readonly Section[],
  script: DumpReport['script'],
  cutOffsets: ReadonlyMap<string, readonly number[]>,
): Parameters<typeof rowChunks> {
  const changed = sections.filter(({ table }) => cutOffsets.has(table));
  const offsets = new Map<Place, number>();
  for (const { table, cuts } of changed) {
    for (const [index, offset] of cutOffsets.get(table)?.entries() ?? []) {
      const cut = cuts[index];
      if (cut !== undefined) offsets.set(cut, offset);
    }
  }
  return [changed, script, offsets];
}

/** Nothing of the first backup may be missing, nor have come twice, and each section is what the manifest says. */
function refuseOtherContent(
  { counts, tables }: Manifest,
  { sections }: DumpOutline,
  { triggers }: { readonly triggers: readonly string[] },
): void {
  const isSame =
    sections.length === tables.length &&
    sections.every(({ table, uncompressedBytes }, index) => {
      const said = tables[index];
      return said?.name === table && said.uncompressedBytes === uncompressedBytes;
    });
  if (isSame && triggers.length === counts.triggers) return;
  throw new DbBackupError(
    'dump-failed',
    `The new safety backup has ${sections.length} tables and ${triggers.length} triggers instead of ${tables.length} and ${counts.triggers}, or not at their places.`,
  );
}
