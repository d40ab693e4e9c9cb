import { lockPath } from '../../backups/directory/layout.ts';
import { findLeftovers, findManifestsAlone } from '../../backups/directory/leftovers.ts';
import { inspectFolder } from '../../files/folders.ts';
import { databaseFolder } from '../../backups/directory/layout.ts';
import { failedBeforeBackup } from '../../jobs/failed-before-backup.ts';
import { holderProblem, readLock, type LockState } from '../../locks/lock-file.ts';
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
  if (lock !== undefined) return leftLock(path, lock, runtime);
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

/** None for a run that is alive. */
async function leftLock(
  path: string,
  lock: Exclude<LockState, undefined>,
  { pid, hostName, userName, program }: Runtime,
): Promise<readonly LeftFile[]> {
  if (lock === 'unreadable') return [{ path, kind: 'foreign' }];
  const { message, hint = '' } = holderProblem(lock, path, program);
  const fix = hint.split('\n');
  if (lock === 'forbidden') return [{ path, kind: 'forbidden', holder: { message, fix } }];
  const { job, process, operation, since } = lock;
  switch (await judgeProcess(process, await identifyProcess(pid, hostName, userName))) {
    case 'gone':
      return [{ path, kind: 'lock' }];
    case 'alive':
      return [];
    case 'unknown': {
      const at = since.slice(0, 19).replace('T', ' ');
      const whose = `${path} is the lock of job ${job} (${operation}) on host ${process.host}, pid ${process.pid}, since ${at} UTC`;
      const text = `${whose}: it cannot be checked from here whether that is still running.`;
      return [{ path, kind: 'unchecked', holder: { message: text, fix } }];
    }
  }
}
