import { basename, join } from 'path/posix';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { readBackup } from '../../backups/directory/read-backups.ts';
import { removeBackup } from '../../backups/directory/remove-backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { parseBackupName, SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { manifestPathOf, readManifest } from '../../backups/record/manifest-file.ts';
import { removeDurably } from '../../files/durable-file.ts';
import { renewBackup, type Renewed } from '../../dump/renew/renew-backup.ts';
import type { SafetyJournal, SwapJournal } from '../../jobs/record/swap-journal.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readSettledTables } from '../../server/catalog/table-write-times.ts';
import { readTableNames } from '../../server/change/scratch-schemas.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { rowsInBackup } from '../../sql/definitions/engines.ts';

/** A restore whose old tables are in the schema that its journal names. */
export interface Saving {
  readonly connection: Connection;
  readonly directory: string;
  readonly job: string;
  readonly database: string;
  readonly swap: Pick<SwapJournal, 'old' | 'safety'>;
}

/**
 * Makes the safety backup of a restore anew, if others have written to the tables that it replaced since that backup
 * began. The tables have left the target, so nobody writes to them any more. May be called again.
 *
 * @returns the backup that is to take the safety backup's place; undefined: that one has all.
 * @throws {DbBackupError} when it cannot be done: the first safety backup is as it was, and so are the old tables.
 */
export async function saveLateWrites(saving: Saving, runtime: Runtime): Promise<Renewed | undefined> {
  const { connection, directory, job, database, swap } = saving;
  if (swap.safety === undefined) return undefined;
  await using session = new SharedSession(connection, runtime.signal);
  const server = await session.open();
  const old = await readTableNames(server, swap.old);
  if (old.size === 0) return undefined;
  const { path, settledBefore, renewed } = swap.safety;
  const made = await backupOf(job, renewedPath(saving, swap.safety));
  if (made !== undefined) return { backup: { path: made.path, manifest: made.manifest }, written: [] };
  const first = await backupOf(job, path);
  if (first === undefined)
    throw new DbBackupError('not-found', `The safety backup ${path} is not there, or not as it was made.`);
  const settled =
    settledBefore === undefined ? new Set() : await readSettledTables(server, swap.old, settledBefore);
  const tables = first.manifest.tables
    .filter(({ name, engine }) => old.has(name) && !settled.has(name) && rowsInBackup(engine) !== 'none')
    .map(({ name }) => name);
  if (tables.length === 0) return undefined;
  await clearRenewal(saving, swap.safety);
  const message = `Saving what others wrote late to ${database}...`;
  runtime.onProgress({ kind: 'step', message, phase: 'safety-backup' });
  const { name, at } = renewed;
  const request = { connection, directory, first, schema: swap.old, tables, name, at: new Date(at) };
  return await renewBackup(request, session, runtime);
}

/** Removes the safety backup whose place was taken; one that cannot be removed is told. May be called again. */
export async function removeReplaced(
  { job, swap: { safety } }: Pick<Saving, 'job' | 'swap'>,
  { onProgress }: Pick<Runtime, 'onProgress'>,
): Promise<void> {
  try {
    await removeIfReplaced(job, safety);
  } catch (error) {
    const message = `${safety?.path ?? ''}, whose place another safety backup has taken, could not be removed. (${(error as Error).message})`;
    onProgress({ kind: 'warning', message });
  }
}

async function removeIfReplaced(job: string, safety: SafetyJournal | undefined): Promise<void> {
  if (safety?.isReplaced !== true) return;
  // Whoever could write the journal may not have us remove anything else.
  if (parseBackupName(basename(safety.path).split('.sql')[0] ?? '')?.label !== SAFETY_LABEL) return;
  const there = await readBackup(safety.path, undefined, true);
  if (there?.manifest !== undefined && there.manifest.job !== job) return;
  await removeBackup(safety.path);
}

/** One that the job has made, and that is whole by its manifest. */
async function backupOf(
  job: string,
  path: string,
): Promise<(Backup & { readonly manifest: Manifest }) | undefined> {
  const backup = await readBackup(path, undefined, true);
  if (backup?.manifest?.job !== job || backup.state === 'damaged') return undefined;
  return { ...backup, manifest: backup.manifest };
}

/** A run that was killed when it had made a new backup may have left the manifest, which comes first, without the file. */
async function clearRenewal(saving: Saving, safety: SafetyJournal): Promise<void> {
  const path = renewedPath(saving, safety);
  if ((await readBackup(path, undefined, true)) !== undefined) return; // the file is there, too
  const manifestPath = manifestPathOf(path);
  const left = await readManifest(manifestPath).catch(() => undefined);
  if (left?.manifest.job === saving.job) await removeDurably(manifestPath);
}

function renewedPath({ directory, database }: Saving, { path, renewed }: SafetyJournal): string {
  const extension = path.slice(path.indexOf('.sql', path.lastIndexOf('/')));
  return join(databaseFolder(directory, database), renewed.name + extension);
}
