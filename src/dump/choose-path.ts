import { join } from 'path/posix';
import { pause } from '../run/pause.ts';
import { databaseFolder } from '../backups/directory/layout.ts';
import { freeBackupName } from '../backups/directory/prepare-directory.ts';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import { extensionOf } from '../compression/methods.ts';
import { storageFailure } from '../files/file-failure.ts';
import { prepareOwnPath } from '../files/partial-file.ts';
import { readJobFile } from '../jobs/record/job-files.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import type { Runtime } from '../run/runtime.ts';
import type { BackupTask } from './backup-task.ts';

/**
 * The backup's path under a free name, and the time in that name. A second backup within the same second
 * waits for the next one.
 */
export async function choosePath(
  task: BackupTask,
  begunAt: Date,
  runtime: Runtime,
): Promise<{ readonly path: string; readonly startedAt: Date }> {
  const { destination, directory, database, label, compression } = task;
  if (destination.kind === 'file') {
    const isDead = (job: string): Promise<boolean> => hasEnded(job, directory, runtime);
    await prepareOwnPath(destination.path, isDead);
    await prepareOwnPath(manifestPathOf(destination.path), isDead);
    return { path: destination.path, startedAt: begunAt };
  }
  for (let startedAt = begunAt; ; startedAt = runtime.now()) {
    const name = await freeBackupName(directory, database, label, startedAt).catch(async (error: unknown) => {
      throw await storageFailure(error, join(databaseFolder(directory, database), '.'));
    });
    if (name !== undefined) {
      const path = join(databaseFolder(directory, database), name + extensionOf(compression.method));
      return { path, startedAt };
    }
    await pause(1000 - (runtime.now().getTime() % 1000), runtime.signal);
  }
}

/** Whether the process of a job in this backup directory has certainly ended. */
async function hasEnded(id: string, directory: string, runtime: Runtime): Promise<boolean> {
  const job = await readJobFile(directory, id, runtime.userId).catch(() => undefined);
  if (job === undefined || job.untrusted !== undefined) return false;
  const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  return (await judgeProcess(job.process, self)) === 'gone';
}
