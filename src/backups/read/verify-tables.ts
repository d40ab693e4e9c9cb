import { createHash } from 'node:crypto';
import { damaged } from './damaged.ts';
import type { BackupFile } from './backup-file.ts';
import { backupParts, hasOffsets } from './backup-parts.ts';
import { DumpReader } from '../../sql/dump-reader.ts';
import { DbBackupError } from '../../run/errors.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import type { Manifest } from '../record/manifest.ts';
import { nearNames } from '../../run/similar-names.ts';
import { onlyTables } from '../../sql/single-tables.ts';
import type { Runtime } from '../../run/runtime.ts';
import { guardOptionsOf, refuseForeign, refuseReach, verifyFile } from './verify-file.ts';
import type { VerifiedDump, VerifyRequest } from './verify-file.ts';

/** Single tables of a backup, verified; `file` reads no more than is needed of them. */
export interface VerifiedTables {
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
}

/**
 * Verifies as much of a backup as single tables need. With the manifest's offsets only these tables are decompressed
 * and read; the sha256 of the whole file proves that they are unchanged. A file without offsets is read completely.
 *
 * @throws {DbBackupError} `not-found` for a table that is not in the backup; else as `verifyFile`.
 */
export async function verifyTables(
  request: VerifyRequest & { readonly tables: readonly string[] },
  runtime: Runtime,
): Promise<VerifiedTables> {
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
  await proveWhole(file, manifest, runtime);
  const wanted = new Set(tables);
  const parts = backupParts(
    file,
    manifest,
    manifest.tables.filter(({ name }) => wanted.has(name)),
  );
  return { file: parts, verified: only(await readParts(parts, request, runtime), tables, file.path) };
}

/**
 * The same for a file that was read completely.
 *
 * @throws {DbBackupError} `not-found` for a table that it does not hold; `restore-failed` when they cannot be taken
 *   out.
 */
export function onlyOf(verified: VerifiedDump, tables: readonly string[], path: string): VerifiedDump {
  refuseMissing(tables, verified.findings.inventory.tables, path);
  return only(verified, tables, path);
}

/** The file is unchanged since it was written, whatever is in it. */
async function proveWhole(file: BackupFile, manifest: Manifest, runtime: Runtime): Promise<void> {
  const hash = createHash('sha256');
  let doneBytes = 0;
  for await (const bytes of file.readRaw(0)) {
    runtime.signal.throwIfAborted();
    hash.update(bytes);
    doneBytes += bytes.length;
    runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
  }
  if (hash.digest('hex') !== manifest.file.sha256)
    throw damaged(file.path, 'was changed: its sha256 differs from the manifest');
}

async function readParts(file: BackupFile, request: VerifyRequest, runtime: Runtime): Promise<VerifiedDump> {
  const reader = new DumpReader(guardOptionsOf(request));
  const hash = createHash('sha256');
  let uncompressedBytes = 0;
  for await (const text of file.readSql((raw) => hash.update(raw), runtime)) {
    uncompressedBytes += text.length;
    reader.push(text);
  }
  const findings = reader.finish();
  refuseForeign(file.path, findings);
  if (findings.malformed !== undefined)
    throw damaged(file.path, `cannot be parsed as SQL: ${findings.malformed.reason}`);
  refuseReach(file.path, findings, { isOurs: true, mayAllow: true });
  // That the end line is not in what was read proves nothing.
  return { findings: { ...findings, complete: true }, uncompressedBytes, sha256: hash.digest('hex') };
}

function only(verified: VerifiedDump, tables: readonly string[], path: string): VerifiedDump {
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
