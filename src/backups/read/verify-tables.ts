import { isSplittable } from '../../sql/script/load-plan.ts';
import { onlyTables } from '../../sql/single-tables.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { inTurn } from './joint-progress.ts';
import { nearNames } from '../../run/similar-names.ts';
import { backupParts, hasOffsets } from './backup-parts.ts';
import { damaged } from './damaged.ts';
import { proveWhole } from './prove-whole.ts';
import { canPassOverChunks, chunksOf, readButChunks, textBytesOf, withChunks } from './verify-but-chunks.ts';
import { refuseForeign, refuseReach, verifyFile } from './verify-file.ts';
import type { VerifiedDump, VerifiedFile, VerifyRequest } from './verify-file.ts';

/**
 * Verifies as much of a backup as single tables need. With the manifest's offsets only these tables are decompressed
 * and read; the sha256 of the whole file proves that they are unchanged. A file without offsets is read completely.
 *
 * @param leavesChunks As `verifyButChunks`, where it can be done.
 * @throws {DbBackupError} `not-found` for a table that is not in the backup; else as `verifyFile`.
 */
export async function verifyTables(
  request: VerifyRequest & { readonly tables: readonly string[] },
  leavesChunks: boolean,
  runtime: Runtime,
): Promise<VerifiedFile> {
  const { backup, file, tables } = request;
  const { manifest } = backup;
  if (manifest === undefined || backup.state !== 'complete' || !hasOffsets(manifest)) {
    const verified = await verifyFile(request, runtime);
    return { file, verified: onlyOf(verified, tables, file.path) };
  }
  refuseMissing(
    tables,
    manifest.tables.map(({ name }) => name),
    file.path,
  );
  const wanted = new Set(tables);
  const listed = manifest.tables.filter(({ name }) => wanted.has(name));
  const chunks = leavesChunks && canPassOverChunks(manifest) ? chunksOf(listed) : [];
  const textBytes = listed.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
  const [proving, reading] = inTurn(runtime, [file.sizeBytes, textBytes - textBytesOf(chunks)]);
  const digests = await proveWhole(file, manifest, chunks, proving);
  if (chunks.length > 0) {
    const parts = backupParts(file, manifest, listed, false);
    const read = await readButChunks(parts, request, reading);
    const findings = withChunks(read.findings, read.gaps, manifest, digests);
    if (findings !== undefined) {
      const uncompressedBytes = read.textBytes + textBytesOf(chunks);
      return { file: parts, verified: only({ ...read, findings, uncompressedBytes }, request) };
    }
  }
  const parts = backupParts(file, manifest, listed);
  const { textBytes: uncompressedBytes, ...read } = await readButChunks(parts, request, reading);
  return { file: parts, verified: only({ ...read, uncompressedBytes }, request) };
}

/**
 * The same for a file that was read completely.
 *
 * @throws {DbBackupError} `not-found` for a table that it does not hold; `restore-failed` when they cannot be taken
 *   out.
 */
export function onlyOf(verified: VerifiedDump, tables: readonly string[], path: string): VerifiedDump {
  refuseMissing(tables, verified.findings.inventory.tables, path);
  return onlyTablesOf(verified, tables, path);
}

/** @throws {DbBackupError} as `verifyFile`. */
function only(
  { findings, ...read }: VerifiedDump,
  { file: { path }, tables }: Pick<VerifyRequest, 'file'> & { readonly tables: readonly string[] },
): VerifiedDump {
  refuseForeign(path, findings);
  if (findings.malformed !== undefined)
    throw damaged(path, `cannot be parsed as SQL: ${findings.malformed.reason}`);
  refuseReach(path, findings, { isOurs: true, mayAllow: true });
  const lost = tables.find((table) => !findings.inventory.tables.includes(table));
  if (lost !== undefined) throw damaged(path, `does not have the table ${lost} where its manifest says`);
  // That the end line is not in what was read proves nothing.
  return onlyTablesOf({ ...read, findings: { ...findings, complete: true } }, tables, path);
}

function onlyTablesOf(verified: VerifiedDump, tables: readonly string[], path: string): VerifiedDump {
  const { script } = verified.findings;
  if (isSplittable(script)) return { ...verified, findings: onlyTables(verified.findings, tables) };
  throw new DbBackupError(
    'restore-failed',
    `Single tables cannot be extracted from ${path}: line ${script.line} ${script.reason}. Nothing was touched.`,
    { hint: 'Restore all of it into another database with --to, then copy the tables from there.' },
  );
}

function refuseMissing(tables: readonly string[], held: readonly string[], path: string): void {
  for (const table of tables) {
    if (held.includes(table)) continue;
    const near = nearNames(table, held);
    throw new DbBackupError(
      'not-found',
      `${path} does not contain the table ${table}. Nothing was touched.`,
      {
        hint:
          near.length > 0
            ? `Did you mean ${near.join(' or ')}?`
            : `It contains ${held.slice(0, 10).join(', ')}${held.length > 10 ? ', …' : ''}.`,
      },
    );
  }
}
