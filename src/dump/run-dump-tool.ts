import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import type { Sink } from '../compression/codec.ts';
import { dumpFailure, dumpWarnings } from '../programs/dump-tool.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { redact } from '../run/secret.ts';
import { readBrokenObjects } from '../server/catalog/broken-objects.ts';
import { readDatabaseFacts } from '../server/catalog/database-facts.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import { repairHint } from '../sql/definitions/broken-object.ts';
import type { BackupTask } from './backup-task.ts';
import { checkDump } from './check-dump.ts';
import type { PreparedDump } from './prepare-dump.ts';
import { runDumpTool } from './start-dump-tool.ts';
import { type StreamedDump, streamDump } from './stream-dump.ts';

/** Runs the dump tool into a sink, and judges the result. */
export async function dump(
  task: BackupTask,
  prepared: PreparedDump,
  sink: Sink,
  session: SharedSession,
  runtime: Runtime,
): Promise<{ streamed: StreamedDump; warnings: readonly string[] }> {
  const { connection, database } = task;
  const { tool, plan } = prepared;
  runtime.onProgress({ kind: 'step', message: task.step, phase: task.phase });
  const { value: streamed, end } = await runDumpTool(
    { connection, tool, arguments: plan.arguments, settings: prepared.settings },
    (text) =>
      streamDump(text, database, task.compression, sink, {
        env: runtime.env,
        signal: runtime.signal,
        onBytes: (doneBytes) => {
          runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: plan.estimatedBytes || undefined });
        },
      }),
    runtime,
  );
  const failure = dumpFailure(end, {
    ...{ program: tool.program, database, password: connection.password },
    maySkip: task.label !== SAFETY_LABEL,
  });
  if (failure !== undefined) throw await withTheServersState(failure, prepared, session, runtime);
  const unsure = await checkDump(task, prepared, streamed, session);
  const said = [...dumpWarnings(redact(end.stderr, [connection.password])), ...unsure];
  for (const message of said) runtime.onProgress({ kind: 'warning', message });
  return { streamed, warnings: [...task.interrupted.warnings, ...plan.warnings, ...said] };
}

/**
 * A tool may exit silently when its server has died, and it does not say how to skip broken objects.
 */
async function withTheServersState(
  failure: DbBackupError,
  { facts }: PreparedDump,
  session: SharedSession,
  { signal }: Runtime,
): Promise<DbBackupError> {
  if (failure.code === 'unreachable') return failure;
  try {
    const server = await session.open();
    // What a migration dropped in the meantime is not broken; then the tool's own message is right.
    if ((await readDatabaseFacts(server, facts.database)).fingerprint !== facts.fingerprint) return failure;
    const broken = await readBrokenObjects(server, facts);
    if (broken.length === 0) return failure;
    return new DbBackupError(failure.code, failure.message, {
      hint: repairHint(broken),
      cause: failure,
    });
  } catch (error) {
    signal.throwIfAborted();
    const isDead = error instanceof DbBackupError && error.code === 'unreachable';
    if (failure.code !== 'dump-failed' || !isDead) return failure;
    return new DbBackupError('unreachable', `${failure.message}\n${error.message}`, {
      hint: `No backup was made. ${error.hint ?? ''}`.trim(),
      cause: failure,
    });
  }
}

export function stdoutSink({ stdout }: Runtime): Sink {
  return (bytes) =>
    new Promise((resolve, reject) => {
      stdout.write(bytes, (error) => {
        if (error) {
          const hint = 'The program reading the dump has exited.';
          reject(
            new DbBackupError('failed', `The dump could not be written to stdout: ${error.message}`, {
              hint,
            }),
          );
        } else resolve();
      });
    });
}
