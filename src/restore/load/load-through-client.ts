import { createHash } from 'node:crypto';
import type { BackupFile } from '../../backups/read/backup-file.ts';
import { startProgram } from '../../programs/child-program.ts';
import type { Program } from '../../programs/child-program.ts';
import { childEnvironment } from '../../programs/child-environment.ts';
import type { ClientProgram } from '../../programs/client-programs.ts';
import { buildLoadArgs, parseLoadFailure } from '../../programs/load-client.ts';
import { connectServer } from '../../server/connect/server.ts';
import { openPrivateOptionFile } from '../../programs/private-option-file.ts';
import { renderClientOptionFile } from '../../programs/client-option-file.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { redact } from '../../run/secret.ts';
import { SERVERS_MODE } from '../../sql/settings/servers-mode.ts';
import { setStatement } from '../../server/session/session-variables.ts';
import { TextEdits } from '../../sql/script/text-edits.ts';
import type { DatabaseLock } from '../../jobs/lock-database.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

/** In front of those of the dump. */
const SESSION_LINES = 1;

/** How much of the client's output is kept: the mark that it came to the end. */
const STDOUT_TAIL_BYTES = 4096;

export interface LoadRequest {
  readonly connection: Connection;
  readonly target: string;
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
  readonly tool: ClientProgram;
  readonly job: string;
  readonly lock: DatabaseLock;
}

/**
 * Loads a verified dump into the target through the stock client, statement after statement.
 *
 * Should this process be killed, the client sees the end of its input and runs whatever part of a statement it has.
 * With autocommit off such a part is rolled back when the client ends: rows count only once their table is whole.
 *
 * @throws {DbBackupError} `restore-failed`, with the line and without row data; what the target holds by then is
 *   for the caller to say. The signal's reason.
 */
export async function loadThroughClient(request: LoadRequest, runtime: Runtime): Promise<void> {
  const { connection, target, file, verified, tool, lock } = request;
  const mark = `dbbackup:${request.job}`;
  const session = await sessionOf(connection, runtime.signal);
  await using options = await openPrivateOptionFile(
    renderClientOptionFile(connection, tool),
    runtime.env['TMPDIR'],
  );
  const stop = new AbortController();
  const client = await startProgram({
    file: tool.file,
    args: buildLoadArgs(target, tool),
    env: childEnvironment(runtime.env),
    optionFileFd: options.fd,
    stdin: 'pipe',
    signal: AbortSignal.any([runtime.signal, lock.lost, stop.signal]),
  });
  let stdout = '';
  client.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout = (stdout + text).slice(-STDOUT_TAIL_BYTES);
  });
  const hash = createHash('sha256');
  try {
    await lock.addChild(tool.program, client.pid);
    await feed(request, client, session, (raw) => hash.update(raw), mark, runtime);
  } catch (error) {
    stop.abort(); // nothing sensible can follow
    await client.ended;
    runtime.signal.throwIfAborted();
    lock.assertHeld();
    throw error;
  }
  const end = await client.ended;
  runtime.signal.throwIfAborted();
  lock.assertHeld();
  if (end.exitCode !== 0) {
    const { line, message, hint } = parseLoadFailure(
      { ...end, stderr: redact(end.stderr, [connection.password]) },
      tool.program,
    );
    const where =
      line === undefined ? '' : ` at line ${(line - SESSION_LINES).toLocaleString('en')} of ${file.path}`;
    throw new DbBackupError('restore-failed', `Loading failed${where}: ${message}`, { hint });
  }
  if (!stdout.includes(mark)) {
    throw new DbBackupError(
      'restore-failed',
      `Loading failed: ${tool.program} exited successfully before the end of the dump.`,
    );
  }
  if (hash.digest('hex') !== verified.sha256) {
    throw new DbBackupError('restore-failed', `Loading failed: ${file.path} was changed during the restore.`);
  }
}

/**
 * What the client's session relies on: as much of it as the server has and lets the account set. Until a dump sets its
 * own mode, quotes must mean what the guard took them for. On its own line: the dump may begin with a DELIMITER.
 */
async function sessionOf(connection: Connection, signal: AbortSignal): Promise<string> {
  await using server = await connectServer(connection, signal, 'loading');
  return `${setStatement([...server.settings, 'autocommit = 0', `sql_mode = ${SERVERS_MODE}`])};\n`;
}

/** Sends the dump; returns early when the client has ended, whose exit code then tells why. */
async function feed(
  { file, verified, target }: LoadRequest,
  client: Program,
  session: string,
  onRaw: (bytes: Buffer) => void,
  mark: string,
  runtime: Runtime,
): Promise<void> {
  const edits = new TextEdits(verified.findings.edits);
  let doneBytes = 0;
  const countRaw = (raw: Buffer): void => {
    doneBytes += raw.length;
    onRaw(raw);
  };
  await client.send(session);
  for await (const chunk of file.readSql(countRaw, runtime)) {
    runtime.signal.throwIfAborted();
    for (const piece of edits.push(chunk)) if (!(await client.send(piece))) return;
    runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
  }
  await client.send(`\nCOMMIT;\nSELECT '${mark}';\n`);
  client.endInput();
  runtime.onProgress({ kind: 'detail', message: `Waiting for the server to finish ${target}.` });
}
