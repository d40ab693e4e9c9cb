import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFolder, freeBackupName } from '../backups/directory/read-backups.ts';
import { readBrokenObjects } from '../server/catalog/broken-objects.ts';
import { startProgram } from '../programs/child-program.ts';
import { childEnvironment } from '../programs/client-programs.ts';
import type { Sink } from '../compression/compressors.ts';
import { readDatabaseFacts } from '../server/catalog/database-facts.ts';
import { dumpFailure, dumpWarnings } from '../programs/dump-tool.ts';
import { readJobFile } from '../jobs/record/job-files.ts';
import { manifestPathOf, stageManifest } from '../backups/record/manifest-file.ts';
import { openPartialFile, prepareOwnPath } from '../files/partial-file.ts';
import { openPrivateOptionFile } from '../programs/private-option-file.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import { connectServer } from '../server/connect/server.ts';
import { storageFailure } from '../files/file-failure.ts';
import { namedBroken } from '../sql/definitions/broken-object.ts';
import { renderClientOptionFile } from '../programs/client-option-file.ts';
import { wayTo } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import { MANIFEST_SCHEMA } from '../backups/record/manifest.ts';
import type { Manifest } from '../backups/record/manifest.ts';
import { backupName, baseName, extensionOf, SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { redact } from '../run/secret.ts';
import { sslLimits } from '../server/connect/ssl-options.ts';
import type { CutOff } from '../restore/in-place/cut-off-in-place.ts';
import type { CreatedBackup } from '../create/create-backups.ts';
import { checkDump } from './check-dump.ts';
import { streamDump } from './stream-dump.ts';
import type { StreamedDump } from './stream-dump.ts';
import { programDigests } from './program-digests.ts';
import { prepareDump } from './prepare-dump.ts';
import type { DumpTask, PreparedDump } from './prepare-dump.ts';
import { restoreOnly } from './refuse-unrestorable.ts';
import type { Runtime } from '../run/runtime.ts';

export interface BackupTask extends DumpTask {
  readonly job: string;
  /** What the run says that it does while it dumps. */
  readonly step: string;
  readonly phase: 'backup' | 'safety-backup';
  /** What the target of the backup is the result of, told already; for the manifest. */
  readonly cutOff: CutOff;
}

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

/** Runs the dump tool into a sink, and judges what came of it. */
async function dump(
  task: BackupTask,
  prepared: PreparedDump,
  sink: Sink,
  runtime: Runtime,
): Promise<{ streamed: StreamedDump; warnings: readonly string[] }> {
  const { connection, database } = task;
  const { tool, plan } = prepared;
  runtime.onProgress({ kind: 'step', message: task.step, phase: task.phase });
  await using options = await openPrivateOptionFile(
    renderClientOptionFile(connection, tool, tool.options.has('init-command') ? [] : prepared.settings),
    runtime.env['TMPDIR'],
  );
  const stop = new AbortController();
  const program = await startProgram({
    file: tool.file,
    args: plan.arguments,
    env: childEnvironment(runtime.env),
    optionFileFd: options.fd,
    stdin: 'ignore',
    signal: AbortSignal.any([runtime.signal, stop.signal]),
  });
  let streamed: StreamedDump;
  try {
    streamed = await streamDump(program.stdout as AsyncIterable<Buffer>, database, task.compression, sink, {
      env: runtime.env,
      signal: runtime.signal,
      onBytes: (doneBytes) => {
        runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: plan.estimatedBytes || undefined });
      },
    });
  } catch (error) {
    stop.abort(); // a dump that has nowhere left to go
    await program.ended;
    runtime.signal.throwIfAborted();
    throw error;
  }
  const end = await program.ended;
  runtime.signal.throwIfAborted();
  const failure = dumpFailure(end, {
    ...{ program: tool.program, database, password: connection.password },
    maySkip: task.label !== SAFETY_LABEL,
  });
  if (failure !== undefined) throw await withTheServersState(failure, task, prepared, runtime);
  const unsure = await checkDump(task, prepared, streamed, runtime);
  const said = [...dumpWarnings(redact(end.stderr, [connection.password])), ...unsure];
  for (const message of said) runtime.onProgress({ kind: 'warning', message });
  return { streamed, warnings: [...task.cutOff.warnings, ...plan.warnings, ...said] };
}

/** A tool may end without a word of it when its server has died; and it does not say how to do without what is broken. */
async function withTheServersState(
  failure: DbBackupError,
  { connection }: BackupTask,
  { facts }: PreparedDump,
  runtime: Runtime,
): Promise<DbBackupError> {
  if (failure.code === 'unreachable') return failure;
  try {
    await using server = await connectServer(connection, runtime.signal);
    // What a migration took away meanwhile is not broken; the tool's own words are right for that.
    if ((await readDatabaseFacts(server, facts.database)).fingerprint !== facts.fingerprint) return failure;
    const broken = await readBrokenObjects(server, facts);
    if (broken.length === 0) return failure;
    return new DbBackupError(failure.code, failure.message, {
      hint: `No backup was made. The server cannot open ${namedBroken(broken)}. Repair or drop it, or leave it out with --skip-broken.`,
      cause: failure,
    });
  } catch (error) {
    runtime.signal.throwIfAborted();
    const isDead = error instanceof DbBackupError && error.code === 'unreachable';
    if (failure.code !== 'dump-failed' || !isDead) return failure;
    return new DbBackupError('unreachable', `${failure.message}\n${error.message}`, {
      hint: `No backup was made. ${error.hint ?? ''}`.trim(),
      cause: failure,
    });
  }
}

/**
 * The backup's path under a name that is free, and the time that the name says. A second backup within the same second
 * waits for the next one.
 */
async function choosePath(
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
    await sleep(1000 - (runtime.now().getTime() % 1000), undefined, { signal: runtime.signal }).catch(
      () => undefined,
    );
    runtime.signal.throwIfAborted();
  }
}

/** Whether the process of a job of this backup directory has ended for certain. */
async function hasEnded(id: string, directory: string, runtime: Runtime): Promise<boolean> {
  const job = await readJobFile(directory, id).catch(() => undefined);
  if (job === undefined) return false;
  const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  return (await judgeProcess(job.process, self)) === 'gone';
}

function stdoutSink({ stdout }: Runtime): Sink {
  return (bytes) =>
    new Promise((resolve, reject) => {
      stdout.write(bytes, (error) => {
        if (error) {
          const hint = 'Whoever was to read the dump has ended.';
          reject(
            new DbBackupError('failed', `The dump could not be written to stdout: ${error.message}`, {
              hint,
            }),
          );
        } else resolve();
      });
    });
}

function describe(
  task: BackupTask,
  { plan, facts, identity, routineGrants, tool, views }: PreparedDump,
  { outline, findings, offsets, sizeBytes, sha256 }: StreamedDump,
  made: {
    readonly name: string;
    readonly fileName: string;
    readonly startedAt: Date;
    readonly warnings: readonly string[];
  },
  { now, version }: Runtime,
): Manifest {
  const { connection, compression, skip } = task;
  const finishedAt = now();
  const engines = new Map(facts.tables.map(({ name, engine }) => [name, engine]));
  const { endpoint } = connection;
  return {
    schema: MANIFEST_SCHEMA,
    name: made.name,
    label: task.label,
    database: task.database,
    job: task.job,
    startedAt: made.startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - made.startedAt.getTime()),
    file: {
      name: made.fileName,
      sizeBytes,
      sha256,
      compression: compression.method,
      uncompressedBytes: outline.bytes,
    },
    server: {
      flavour: plan.server.flavour,
      version: plan.server.version,
      ...wayTo(endpoint),
      ...identity,
    },
    tool: { program: tool.program, version: tool.version, dbbackupVersion: version },
    charset: facts.charset,
    collation: facts.collation,
    tables: outline.sections.map((section) => ({
      name: section.table,
      engine: engines.get(section.table) ?? '',
      uncompressedBytes: section.uncompressedBytes,
      offsetBytes: offsets.get(section) ?? null,
    })),
    counts: { views: plan.views, routines: plan.routines, triggers: plan.triggers, events: plan.events },
    dataLengthBytes: facts.tables.reduce((sum, table) => sum + table.dataBytes, 0),
    longestStatementBytes: findings.longestStatementBytes,
    options: {
      compress:
        compression.level === undefined ? compression.method : `${compression.method}:${compression.level}`,
      routines: !skip.routines,
      triggers: !skip.triggers,
      events: !skip.events,
    },
    warnings: made.warnings,
    restoreOnly: restoreOnly(findings),
    ...(task.cutOff.jobs.length === 0 ? {} : { madeFromInterrupted: task.cutOff.jobs }),
    ...(plan.skippedBroken.length === 0 ? {} : { skippedBroken: plan.skippedBroken }),
    ...(plan.inexactColumns.length === 0 ? {} : { inexactColumns: plan.inexactColumns }),
    programs: programDigests(new Map(dumpedPrograms(facts.programs, skip)), [task.database]),
    routineGrants,
    storedObjects: Array.from(views, ([name, sha256]) => ({ kind: 'view', name, sha256 })),
  };
}

/** Without those that were left out of the dump. */
function dumpedPrograms(
  programs: ReadonlyMap<string, string>,
  skip: BackupTask['skip'],
): readonly (readonly [string, string])[] {
  return [...programs].filter(([name]) => {
    if (name.startsWith('trigger ')) return !skip.triggers;
    if (name.startsWith('event ')) return !skip.events;
    return name.startsWith('view ') || !skip.routines;
  });
}
