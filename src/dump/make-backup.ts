import { basename } from 'node:path';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import { stageManifest } from '../backups/record/write-manifest.ts';
import { openPartialFile } from '../files/partial-file.ts';
import { backupName, baseName } from '../backups/record/backup-name.ts';
import { sslLimits } from '../server/connect/ssl-options.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import type { BackupTask } from './backup-task.ts';
import type { CreatedBackup, MadeBackup } from './backup-task.ts';
import { prepareDump, type PreparedDump } from './prepare-dump.ts';
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
 * @param session Asks before the dump and after it.
 * @throws {DbBackupError} `dump-failed`, `no-space`, and what `prepareDump` throws; the signal's reason.
 */
export async function makeBackup(
  task: BackupTask,
  session: SharedSession,
  runtime: Runtime,
): Promise<MadeBackup> {
  const begunAt = runtime.now();
  const prepared = await prepareDump(task, session, runtime);
  accept(task, prepared, runtime);
  const backup =
    task.destination.kind === 'stdout'
      ? await dumpToStdout(task, prepared, begunAt, session, runtime)
      : await dumpToFile(task, prepared, begunAt, session, runtime);
  return { backup, fingerprint: prepared.facts.fingerprint };
}

/** Tells what is known before the first byte; who waits for a detached run to begin waits no longer. */
function accept(
  { connection, job, directory }: BackupTask,
  { plan, tool }: PreparedDump,
  { onProgress }: Runtime,
): void {
  for (const message of plan.warnings) onProgress({ kind: 'warning', message });
  const limits = sslLimits(connection.ssl.mode, tool.flavour);
  if (limits !== undefined) onProgress({ kind: 'detail', message: limits });
  onProgress({ kind: 'accepted', job, directory });
}

async function dumpToStdout(
  task: BackupTask,
  prepared: PreparedDump,
  startedAt: Date,
  session: SharedSession,
  runtime: Runtime,
): Promise<CreatedBackup> {
  const { streamed, warnings } = await dump(task, prepared, stdoutSink(runtime), session, runtime);
  const made = { name: backupName(task.label, startedAt), fileName: '-', startedAt, warnings };
  return { path: '-', manifest: describe(task, prepared, streamed, made, runtime) };
}

async function dumpToFile(
  task: BackupTask,
  prepared: PreparedDump,
  begunAt: Date,
  session: SharedSession,
  runtime: Runtime,
): Promise<CreatedBackup> {
  const { path, startedAt } = await choosePath(task, begunAt, runtime);
  const owner = task.destination.kind === 'file' ? task.job : undefined;
  await using file = await openPartialFile(path, owner);
  const { streamed, warnings } = await dump(task, prepared, file.write.bind(file), session, runtime);
  runtime.onProgress({ kind: 'detail', message: 'Writing the file to stable storage.' });
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
