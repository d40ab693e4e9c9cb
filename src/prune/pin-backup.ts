import { findBackup } from '../backups/directory/find-backup.ts';
import { databaseFolder } from '../backups/directory/layout.ts';
import { type Backup, backupReference } from '../backups/record/backup.ts';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import type { Manifest, Pin } from '../backups/record/manifest.ts';
import { amendManifest } from '../backups/record/write-manifest.ts';
import { lockManifests } from '../jobs/lock-folder.ts';
import { DbBackupError } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';

export interface PinRequest {
  /** As `restore` takes it. */
  readonly reference: string;
  /** The backup directory, absolute. */
  readonly directory: string;
  /** The database that a bare `latest` means; undefined: the one that there are backups of. */
  readonly database: string | undefined;
  /** undefined: the pin is removed. */
  readonly pin: { readonly until?: Date | undefined; readonly reason?: string | undefined } | undefined;
}

export interface PinOutcome {
  readonly backup: Backup & { readonly manifest: Manifest };
  /** The pin that it had before. */
  readonly before: Pin | undefined;
}

/**
 * Keeps a backup whatever the rules of prune say, or no longer: by a mark in its manifest, which replaces an earlier one.
 *
 * @throws {DbBackupError} `not-found`, `usage` as `findBackup`, and when it has no manifest or is not in the backup
 *   directory; `damaged`; `no-space`; `locked`.
 */
export async function pinBackup(request: PinRequest, runtime: Runtime): Promise<PinOutcome> {
  const { reference, directory, database, pin: asked } = request;
  const backup = await findBackup({ reference, directory, database }, runtime);
  refuseUnpinnable(backup, directory);
  const now = runtime.now();
  if (asked?.until !== undefined && asked.until <= now)
    throw new DbBackupError('usage', `${asked.until.toISOString().slice(0, 10)} is in the past.`, {
      hint: 'Give a later date, or leave --until out.',
    });
  const pin: Pin | undefined = asked && {
    at: now.toISOString(),
    until: asked.until?.toISOString(),
    reason: asked.reason,
  };
  const job = newJobId();
  const holder = { database: backup.database, operation: 'pin', job } as const;
  await using _lock = await lockManifests(databaseFolder(directory, backup.database), holder, runtime);
  let before: Pin | undefined;
  const change = (found: Manifest): { pin: Pin | undefined } | undefined => {
    before = found.pin;
    return pin === undefined && before === undefined ? undefined : { pin };
  };
  const writer = { id: job, userId: runtime.userId };
  const manifest = await amendManifest(manifestPathOf(backup.path), change, writer).catch(
    (error: unknown) => {
      throw namingBackup(error, backup);
    },
  );
  return { backup: { ...backup, manifest }, before };
}

/** What is wrong with a manifest is told in a clause. */
function namingBackup(error: unknown, backup: Backup): unknown {
  if (!(error instanceof DbBackupError) || error.code !== 'damaged') return error;
  return new DbBackupError('damaged', `${backupReference(backup)} cannot be pinned: ${error.message}.`, {
    hint: 'list shows what there is.',
    cause: error,
  });
}

function refuseUnpinnable(backup: Backup, directory: string): void {
  const { path, database, state, problem = '' } = backup;
  if (!path.startsWith(`${databaseFolder(directory, database)}/`))
    throw new DbBackupError('usage', `${path} is not in the backup directory ${directory}.`, {
      hint: 'Only what is there is ever pruned. For another backup directory use --dir <folder>.',
    });
  const reference = backupReference(backup);
  if (state === 'unverified')
    throw new DbBackupError('usage', `${reference} has no manifest, which would hold the pin.`, {
      hint: 'Backups without a manifest are never pruned.',
    });
  if (state === 'damaged' || state === 'unreadable')
    throw new DbBackupError('damaged', `${reference} cannot be pinned: ${problem}.`, {
      hint: 'Backups whose manifest cannot be read are never pruned.',
    });
}
