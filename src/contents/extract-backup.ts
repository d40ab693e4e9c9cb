import { findBackup } from '../backups/directory/find-backup.ts';
import { type BackupFile, openBackupFile } from '../backups/read/backup-file.ts';
import { damaged } from '../backups/read/damaged.ts';
import { readPieces, readRanges, readSql, type TakePiece } from '../backups/read/pieces/read-pieces.ts';
import { planReading } from '../backups/read/pieces/sql-ranges.ts';
import { refuseByItsState } from '../backups/read/verify-file.ts';
import type { Backup } from '../backups/record/backup.ts';
import type { Manifest } from '../backups/record/manifest.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { nearNames } from '../run/similar-names.ts';
import { objectNamed } from '../sql/definitions/database-object.ts';
import { ChosenPieces, type Wanted } from './choose-pieces.ts';
import { DumpEnds } from './dump-ends.ts';
import type { Extracted, ExtractProof, ExtractRequest } from './extract-request.ts';
import { openDestination } from './open-destination.ts';

/**
 * Writes the SQL of a backup, or of some of its tables, with the head and the foot of its dump: what the stock client
 * loads. Of single tables only their parts of the file are read, where the manifest says where they are.
 *
 * A file gets its name when all is written and proven as far as `proof` says; what went to stdout may be wrong when it
 * ends with `damaged`.
 *
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `no-space`, `failed` when the file exists; the signal's reason.
 */
export async function extractBackup(request: ExtractRequest, runtime: Runtime): Promise<Extracted> {
  const { reference, directory, tables, only } = request;
  const backup = await findBackup({ reference, directory, database: undefined }, runtime);
  refuseByItsState(backup);
  const wanted: Wanted = { tables: tables && new Set(tables), only };
  if (backup.manifest !== undefined) refuseUnknown(backup.manifest, backup.path, tables ?? []);
  await using file = await openBackupFile(backup.path);
  await using output = await openDestination(request.destination, runtime);
  let [sqlBytes, readBytes] = [0, 0];
  const pass = async (bytes: Buffer): Promise<void> => {
    sqlBytes += bytes.length;
    await output.write(bytes);
  };
  const onRaw = ({ length }: Buffer): void => void (readBytes += length);
  const proof = await copyWanted({ backup, file, wanted }, pass, onRaw, runtime).catch((error: unknown) => {
    if (output.isLeft()) return 'none' as const;
    throw error;
  });
  await output.publish();
  return { backup, path: output.path, sqlBytes, readBytes, proof, isCutShort: output.isLeft() };
}

interface Source {
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly wanted: Wanted;
}

/** @returns what it proved. */
async function copyWanted(
  { backup, file, wanted }: Source,
  pass: (bytes: Buffer) => Promise<void>,
  onRaw: (bytes: Buffer) => void,
  runtime: Runtime,
): Promise<ExtractProof> {
  const { manifest } = backup;
  const { tables, only } = wanted;
  const ends = new DumpEnds();
  if (tables === undefined && only === undefined) {
    const take = (bytes: Buffer): Promise<void> => {
      ends.push(bytes);
      return pass(bytes);
    };
    await readSql(file, manifest, take, runtime, onRaw);
    refuseTruncated(ends, backup, runtime);
    return proofOf(file, manifest, false);
  }
  const views = tables !== undefined && mayNameViews(manifest, tables);
  const plan = manifest && planReading(manifest, { tables, rows: only !== 'schema', views });
  const chosen = new ChosenPieces(wanted, backup, pass);
  const take: TakePiece = (found) => {
    ends.push(found.bytes);
    return chosen.take(found);
  };
  if (plan === undefined) await readPieces(file, manifest, take, runtime, onRaw);
  else await readRanges(file, plan.ranges, take, runtime, onRaw);
  refuseTruncated(ends, backup, runtime);
  await chosen.finish(plan?.passedOver ?? new Map());
  return proofOf(file, manifest, plan !== undefined);
}

/** @throws {DbBackupError} `damaged`. Where nobody can know, it warns. */
function refuseTruncated(ends: DumpEnds, { path }: Backup, { onProgress }: Runtime): void {
  const { state } = ends;
  const problem = "does not end with the dump tool's last line (-- Dump completed): it is truncated";
  if (state === 'truncated') throw damaged(path, problem);
  if (state === 'unknown')
    onProgress({ kind: 'warning', message: `${path} ${problem}, or was made without comments.` });
}

function proofOf(
  { compression }: BackupFile,
  manifest: Manifest | undefined,
  inParts: boolean,
): ExtractProof {
  if (manifest !== undefined && !inParts) return 'sha256';
  const hasChecksums = compression !== 'none';
  if (manifest !== undefined) return hasChecksums ? 'checksums-and-lengths' : 'lengths';
  return hasChecksums ? 'checksums' : 'none';
}

function mayNameViews(manifest: Manifest | undefined, names: ReadonlySet<string>): boolean {
  const tables = new Set(manifest?.tables.map(({ name }) => name));
  return [...names].some((name) => !tables.has(name));
}

/** @throws {DbBackupError} `not-found` for what a manifest knows that its backup does not hold. */
function refuseUnknown({ tables, programs, counts }: Manifest, path: string, names: readonly string[]): void {
  // A backup of an early release does not know the names of its views.
  if (programs === undefined && counts.views > 0) return;
  const views = Object.keys(programs ?? {})
    .map(objectNamed)
    .filter(({ kind }) => kind === 'view');
  const held = [...tables, ...views].map(({ name }) => name);
  for (const name of names) {
    if (held.includes(name)) continue;
    const near = nearNames(name, held);
    throw new DbBackupError('not-found', `${path} does not contain the table or view ${name}.`, {
      hint:
        near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : `It contains ${held.slice(0, 10).join(', ')}${held.length > 10 ? ', …' : ''}.`,
    });
  }
}
