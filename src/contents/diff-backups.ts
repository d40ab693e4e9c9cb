import { findBackup } from '../backups/directory/find-backup.ts';
import { readDefinitions } from '../backups/read/pieces/read-definitions.ts';
import { refuseByItsState } from '../backups/read/verify-file.ts';
import { backupReference, type Backup } from '../backups/record/backup.ts';
import type { Manifest } from '../backups/record/manifest.ts';
import { DbBackupError } from '../run/errors.ts';
import { furtherCommand } from '../run/further-command.ts';
import type { Runtime } from '../run/runtime.ts';
import { type BackupDifference, compareBackups, tablesOfBoth } from './compare-backups.ts';

export interface DiffRequest {
  /** As `restore` takes it: `shop/latest`, a name, a path. */
  readonly from: string;
  readonly to: string;
  /** Absolute. */
  readonly directory: string;
}

export interface BackupDiff extends BackupDifference {
  readonly from: ComparedBackup;
  readonly to: ComparedBackup;
}

type ComparedBackup = Backup & { readonly manifest: Manifest };

/**
 * What changed between two backups: by their manifests, and of the tables that both hold by the definitions in the
 * files. Rows are not compared.
 *
 * @throws {DbBackupError} `not-found`, `usage` (also for a backup without a manifest), `damaged`.
 */
export async function diffBackups(
  { from, to, directory }: DiffRequest,
  runtime: Runtime,
): Promise<BackupDiff> {
  const find = async (reference: string): Promise<ComparedBackup> => {
    const backup = await findBackup({ reference, directory, database: undefined }, runtime);
    return { ...backup, manifest: manifestOf(backup, directory, runtime.program) };
  };
  const [one, other] = [await find(from), await find(to)];
  const names = tablesOfBoth(one.manifest, other.manifest);
  const read = async (backup: ComparedBackup): Promise<Parameters<typeof compareBackups>[0]> => ({
    manifest: backup.manifest,
    definitions: await readDefinitions(backup, names, runtime),
  });
  return { from: one, to: other, ...compareBackups(await read(one), await read(other)) };
}

function manifestOf(backup: Backup, directory: string, program: string): Manifest {
  refuseByItsState(backup);
  const { manifest, path } = backup;
  if (manifest !== undefined) return manifest;
  const reference = backup.database === '' ? path : backupReference(backup);
  throw new DbBackupError('usage', `${reference} has no manifest, so what it holds is not known.`, {
    hint: `Only backups made by dbbackup can be compared. To check this file:\n${furtherCommand(directory, 'verify', [path], [], program)}`,
  });
}
