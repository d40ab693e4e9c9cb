import { findBackup } from '../backups/directory/find-backup.ts';
import { headerDatabase } from '../backups/read/header-database.ts';
import { openBackupFile } from '../backups/read/backup-file.ts';
import type { Backup } from '../backups/record/backup.ts';
import { readJobFile } from '../jobs/record/job-files.ts';
import { isKeeping, keptOf, type KeptOfDatabase } from '../jobs/record/keeping-job.ts';
import type { Runtime } from '../run/runtime.ts';

export interface ShowRequest {
  /** As `restore` takes it: `shop/latest`, a name, a path. */
  readonly reference: string;
  /** Absolute. */
  readonly directory: string;
}

/** A backup, and what is known of it beyond its manifest. */
export interface ShownBackup {
  readonly backup: Backup;
  /** Of a file without a manifest: the database that its first lines name. */
  readonly namedDatabase?: string | undefined;
  /** The restore that made this safety backup. */
  readonly safetyOf?: SafetyOf | undefined;
}

export interface SafetyOf {
  /** The restore's id. */
  readonly job: string;
  /** What brings back what that restore replaced. undefined: it did not get so far, or nobody knows. */
  readonly undoCommand?: string | undefined;
  /** What it replaced is still on the server. */
  readonly kept?: KeptOfDatabase | undefined;
}

/**
 * What a backup holds, by its manifest; of the file itself at most the first lines are read.
 *
 * @throws {DbBackupError} `not-found`, `usage`. A damaged or unreadable backup is no failure: its state tells.
 */
export async function showBackup(
  { reference, directory }: ShowRequest,
  runtime: Runtime,
): Promise<ShownBackup> {
  const backup = await findBackup({ reference, directory, database: undefined }, runtime);
  return {
    backup,
    namedDatabase: backup.state === 'unverified' ? await databaseIn(backup, runtime) : undefined,
    safetyOf: await safetyOf(backup, directory, runtime),
  };
}

/** undefined where nothing can be read: whoever wants the content of the file learns why. */
async function databaseIn({ path }: Backup, runtime: Runtime): Promise<string | undefined> {
  const file = await openBackupFile(path).catch(() => undefined);
  if (file === undefined) return undefined;
  await using _file = file;
  return await headerDatabase(file, runtime);
}

async function safetyOf(
  { manifest, path }: Backup,
  directory: string,
  { userId }: Runtime,
): Promise<SafetyOf | undefined> {
  if (manifest === undefined) return undefined;
  // Who may not read the jobs sees the backup all the same.
  const job = await readJobFile(directory, manifest.job, userId).catch(() => undefined);
  if (job?.operation !== 'restore' || job.result?.safetyBackup !== path) return undefined;
  return {
    job: job.id,
    undoCommand: job.result.undoCommand,
    kept: isKeeping(job) ? keptOf(job) : undefined,
  };
}
