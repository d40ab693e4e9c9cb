import { lockPath } from '../../backups/directory/layout.ts';
import { findLeftovers, findManifestsAlone } from '../../backups/directory/leftovers.ts';
import { inspectFolder } from '../../files/folders.ts';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { failedBeforeBackup } from '../../jobs/failed-before-backup.ts';
import { readLock } from '../../locks/lock-file.ts';
import { identifyProcess, judgeProcess } from '../../locks/processes.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { LeftFile } from './history.ts';

/**
 * What does not belong into a database's folder. Nothing while a run holds the lock: then unfinished files are its own.
 *
 * @throws {DbBackupError} `no-space` for what cannot be read.
 */
export async function readLeftFiles(
  directory: string,
  database: string,
  runtime: Runtime,
): Promise<readonly LeftFile[]> {
  if ((await inspectFolder(databaseFolder(directory, database))) === undefined) return [];
  const path = lockPath(directory, database);
  const lock = await readLock(path);
  if (lock === 'unreadable' || lock === 'forbidden') return [{ path, kind: 'foreign' }];
  if (lock !== undefined) {
    const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
    return (await judgeProcess(lock.process, self)) === 'gone' ? [{ path, kind: 'lock' }] : [];
  }
  const unfinished = await findLeftovers(directory, database, (id) =>
    failedBeforeBackup(id, directory, runtime),
  );
  const paths = new Set(unfinished.map((left) => left.path));
  const alone = (await findManifestsAlone(directory, database)).filter((manifest) => !paths.has(manifest));
  // Locks are drafted beside their place, and a run may just be beginning.
  const drafts = [...paths].filter((left) => !left.startsWith(`${path}.`));
  return [
    ...drafts.map((left): LeftFile => ({ path: left, kind: 'unfinished' })),
    ...alone.map((left): LeftFile => ({ path: left, kind: 'fileless' })),
  ];
}
