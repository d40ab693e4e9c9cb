import { basename } from 'node:path';
import { manifestPathOf, stageManifest } from '../backups/record/manifest-file.ts';
import { openPartialFile } from '../files/partial-file.ts';
import { backupName, baseName } from '../backups/record/backup-name.ts';
import { sslLimits } from '../server/connect/ssl-options.ts';
import type { BackupTask } from './backup-task.ts';
import type { CreatedBackup } from './backup-task.ts';
import { prepareDump } from './prepare-dump.ts';
import type { Runtime } from '../run/runtime.ts';
import { describe } from './manifest-of-dump.ts';
import { choosePath } from './choose-path.ts';
import { dump, stdoutSink } from './run-dump-tool.ts';

/**
 * Makes one backup; the caller holds the lock. Restore makes its safety backup by the very same way.
 *
 * The file gets its name only when the dump tool has exited with 0, its end line came last, everything that the server
 * lists is in it, a restore takes it, no definition changed meanwhile, and file and manifest are on stable storage. Whatever
 * else happens, nothing but a partial is left, which the next run removes.
 *
 * @throws {DbBackupError} `dump-failed`, `no-space`, and what `prepareDump` throws; the signal's reason.
 */
export async function makeBackup(task: BackupTask, runtime: Runtime): Promise<CreatedBackup> {
  const begunAt = runtime.now();
  const prepared = await prepareDump(task, runtime);
  for (const message of prepared.plan.warnings) runtime.onProgress({ kind: 'warning', message });
  const limits = sslLimits(task.connection.ssl.mode, prepared.tool.flavour);
  if (limits !== undefined) runtime.onProgress({ kind: 'detail', message: limits });
  runtime.onProgress({ kind: 'accepted', job: task.job, directory: task.directory });

  if (task.destination.kind === 'stdout') {
    const name = backupName(task.label, begunAt);
    const { streamed, warnings } = await dump(task, prepared, stdoutSink(runtime), runtime);
    const manifest = describe(
      task,
      prepared,
      streamed,
      { name, fileName: '-', startedAt: begunAt, warnings },
      runtime,
    );
    return { path: '-', manifest };
  }

  const { path, startedAt } = await choosePath(task, begunAt, runtime);
  const owner = task.destination.kind === 'file' ? task.job : undefined;
  await using file = await openPartialFile(path, owner);
  const { streamed, warnings } = await dump(task, prepared, file.write.bind(file), runtime);
  runtime.onProgress({ kind: 'detail', message: 'Bringing the file to stable storage.' });
  await file.sync();
  const fileName = basename(path);
  const made = { name: baseName(fileName), fileName, startedAt, warnings };
  const manifest = describe(task, prepared, streamed, made, runtime);
  await using manifestFile = await stageManifest(manifestPathOf(path), manifest, owner);
  runtime.signal.throwIfAborted();
  // The manifest first: a file that is visible always has one.
  await manifestFile.publish();
  try {
    await file.publish();
  } catch (error) {
    await manifestFile.withdraw();
    throw error;
  }
  return { path, manifest };
}
