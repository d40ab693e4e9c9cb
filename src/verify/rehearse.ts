import { dirname } from 'node:path';
import { createDatabase } from '../server/change/database-changes.ts';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import { recordRehearsal } from '../backups/record/write-manifest.ts';
import { dropScratchSchema } from '../server/change/scratch-schemas.ts';
import { wasRefused } from '../server/connect/server-failures.ts';
import { connectServer } from '../server/connect/server.ts';
import { SharedSession } from '../server/session/shared-session.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Rehearsal } from '../backups/record/manifest.ts';
import { scratchSchemas } from '../run/scratch-names.ts';
import { checkStaging } from '../restore/load/compare-definitions.ts';
import { compareLoaded } from './compare-loaded.ts';
import { lockManifests } from '../jobs/lock-folder.ts';
import { lockJob } from '../jobs/lock-job.ts';
import { fitToServer } from '../restore/load/fit-to-server.ts';
import { rowPrivileges, takeLoadAccount } from '../restore/load/load-account.ts';
import { loadInParallel } from '../restore/load/parallel/load-in-parallel.ts';
import type { LoadedTables } from '../restore/load/parallel/loaded-tables.ts';
import { chooseLoadAccount } from '../restore/plan/choose-load-account.ts';
import { removeLeftLoadAccounts } from '../restore/recover/left-load-accounts.ts';
import { removeOrphanedSchemas } from '../restore/recover/orphaned-schemas.ts';
import { receivingCommandOf } from '../restore/further-commands.ts';
import { defaultsOf } from '../restore/replace/replace-request.ts';
import { refuseReadOnlyServer } from '../restore/check/refuse-read-only-server.ts';
import { refuseLongStatements } from '../restore/check/refuse-unfit-server.ts';
import { refuseOldEngine } from '../restore/check/refuse-old-engine.ts';
import { refuseUnknownCollations } from '../restore/check/refuse-unknown-collations.ts';
import { runJob } from '../jobs/run-job.ts';
import type { Runtime } from '../run/runtime.ts';
import { takeWritable } from '../backups/directory/stand-in-directory.ts';
import { tryStoredObjects } from '../restore/load/try-stored-objects.ts';
import { withGracePeriod } from '../run/grace-period.ts';
import type { RehearseRequest, Task } from './rehearsal-task.ts';
import {
  asOfARestore,
  refuseMissingPrivileges,
  saysSomethingOfTheBackup,
  scriptOf,
} from './rehearsal-refusals.ts';

/** A signal or time limit must end the run; so must a server that is down. */
const CLEAN_UP_MS = 8_000;
const CLEAN_UP_AT_LEISURE_MS = 600_000;

/**
 * Loads a verified backup into a scratch schema as a restore would, compares the result with the backup, and drops
 * the schema again, whatever happened. The outcome is recorded in the manifest.
 *
 * It holds no lock of the database, which it neither reads nor changes, so backups and restores can run at the same
 * time. The lock of its own job keeps them from removing its schema.
 *
 * @throws {DbBackupError} `restore-failed` when a restore would fail, or the backup can only be restored in place;
 *   `damaged` when it is not what its manifest says; `access-denied` with the GRANT; connection failures.
 */
export async function rehearse(request: RehearseRequest, runtime: Runtime): Promise<Rehearsal> {
  const { connection, backup, verified } = request;
  scriptOf(request); // before a job is made
  const purpose = 'no scratch schema can be created on it for the rehearsal';
  await using session = new SharedSession(connection, runtime.signal);
  await refuseReadOnlyServer({ connection, purpose }, session);
  const database = backup.database || (verified.findings.databases[0] ?? backup.name);
  const step = 'Preparing the rehearsal...';
  const directory = await takeWritable(
    { directory: request.directory, database: undefined, backup: backup.path },
    runtime,
  );
  return await runJob(
    { operation: 'verify', database, directory, step, connection },
    runtime,
    async (job, runtime, journal) => {
      const fitting = {
        ...request,
        directory,
        named: request.directory,
        verified: await fitToServer(verified, session),
      };
      await session.close();
      const task = {
        ...{ ...fitting, script: scriptOf(fitting), job, stage: scratchSchemas(job).stage },
        noteLoadAccount: (loadAccount: string | undefined) => journal({ loadAccount }),
      };
      const value = await rehearseAs(task, runtime);
      const { name, path, sizeBytes } = backup;
      return { value, result: { name, path, sizeBytes } };
    },
  );
}

async function rehearseAs(task: Task, runtime: Runtime): Promise<Rehearsal> {
  const { connection, job, script } = task;
  await using lock = await lockJob(connection, job, runtime);
  const server = await prepare(task, runtime);
  const beganAt = runtime.now();
  // The clock may be set back.
  const outcome = {
    at: beganAt.toISOString(),
    job,
    server,
    tables: script.tables.length,
  };
  const tookMs = (): number => Math.max(0, runtime.now().getTime() - beganAt.getTime());
  try {
    const { durationMs, rows } = await loadAndCompare(task, lock, tookMs, runtime);
    const rehearsal: Rehearsal = { ...outcome, durationMs, ok: true, rows };
    await record(task, rehearsal, runtime);
    return rehearsal;
  } catch (cause) {
    const error = asOfARestore(cause);
    if (error instanceof DbBackupError && saysSomethingOfTheBackup(error)) {
      const [problem = ''] = error.message.split('\n');
      await record(task, { ...outcome, durationMs: tookMs(), ok: false, problem }, runtime);
    }
    throw error;
  }
}

/** @returns which server it is. @throws {DbBackupError} for what would fail half-way. */
async function prepare(task: Task, runtime: Runtime): Promise<Rehearsal['server']> {
  const { connection, directory, verified } = task;
  await using server = await connectServer(connection, runtime.signal);
  await removeOrphanedSchemas({ directory: task.named, used: directory }, server, runtime);
  await removeLeftLoadAccounts(task, server, runtime);
  await refuseMissingPrivileges(task, server);
  await refuseLongStatements(verified, server);
  const subject = { backup: task.backup, findings: verified.findings };
  const fromStdin = receivingCommandOf(task, task.backup.database, runtime);
  refuseOldEngine(subject, fromStdin);
  await refuseUnknownCollations(subject, server, fromStdin);
  return { flavour: server.flavour, version: server.version };
}

/** @returns how long a restore would have taken for it, and how many rows there are. */
async function loadAndCompare(
  task: Task,
  lock: { readonly lost: AbortSignal },
  tookMs: () => number,
  runtime: Runtime,
): Promise<{ readonly durationMs: number; readonly rows: number }> {
  const { connection, backup, verified, stage } = task;
  const { inventory } = verified.findings;
  const onStep = (message: string): void => {
    runtime.onProgress({ kind: 'step', message });
  };
  let mayBeThere = true as boolean; // the callback sets it
  try {
    {
      await using server = await connectServer(connection, runtime.signal);
      await createDatabase(server, stage, defaultsOf(backup, verified.findings)).catch((error: unknown) => {
        mayBeThere = !wasRefused(error);
        throw error;
      });
    }
    onStep(`Loading the backup into ${stage}...`);
    const loaded = await load(task, lock, runtime);
    onStep(`Checking ${stage}...`);
    const { rows } = loaded;
    const madeBy = backup.manifest?.server;
    await using session = new SharedSession(connection, runtime.signal);
    const { job, connections } = task;
    const checked = { connection, connections, stage, job, target: stage, tables: inventory.tables };
    await checkStaging({ ...checked, loaded, madeBy }, session, runtime);
    const tried = await tryStoredObjects(connection, loaded, stage, session, runtime);
    await session.close();
    const durationMs = tookMs();
    onStep(`Counting the rows of ${stage}...`);
    const events = new Set(tried.filter(({ kind }) => kind === 'event').map(({ name }) => name));
    const brings = { ...inventory, events: inventory.events.filter((name) => events.has(name)) };
    const views = tried.filter(({ kind }) => kind === 'view');
    return {
      durationMs,
      rows: await compareLoaded({ connection, stage, backup, brings, views, rows }, runtime),
    };
  } finally {
    if (mayBeThere) {
      onStep(`Removing ${stage}...`);
      await drop(task, runtime);
    }
  }
}

async function load(
  task: Task,
  lock: { readonly lost: AbortSignal },
  runtime: Runtime,
): Promise<LoadedTables> {
  const { connection, job, verified, script, connections, stage: schema } = task;
  await using session = new SharedSession(connection, runtime.signal);
  const way = { method: 'staging', loader: { kind: 'parallel', connections } } as const;
  const server = await session.open();
  const plan = await chooseLoadAccount(
    { mode: task.loadAccount, target: schema, method: way, brings: verified.findings.inventory },
    server,
  );
  const note = task.noteLoadAccount;
  await using rows = await takeLoadAccount(
    { connection, schema, job, privileges: rowPrivileges(script), connections, plan, note },
    session,
    runtime,
  );
  await session.close();
  return await loadInParallel({ ...task, loadAccount: rows.login, schema, lock }, runtime);
}

/** However the rehearsal ends; if the server prevents it, the next rehearsal or restore does it. */
async function drop({ connection, stage, verified }: Task, { signal, onProgress }: Runtime): Promise<void> {
  const limit = AbortSignal.any([
    AbortSignal.timeout(CLEAN_UP_AT_LEISURE_MS),
    withGracePeriod(signal, CLEAN_UP_MS),
  ]);
  try {
    await using server = await connectServer(connection, limit);
    await dropScratchSchema(server, stage, verified.findings.inventory.triggers);
  } catch (error) {
    const why = (error as Error).message;
    const message = `${stage} is still on the server; the next rehearsal or restore removes it. (${why})`;
    onProgress({ kind: 'warning', message });
  }
}

/** An outcome that cannot be recorded, for example in a read-only folder, is still reported. */
async function record({ backup, verified }: Task, rehearsal: Rehearsal, runtime: Runtime): Promise<void> {
  if (backup.manifest === undefined) return;
  const path = manifestPathOf(backup.path);
  try {
    const holder = { database: backup.database, operation: 'verify', job: rehearsal.job } as const;
    await using _lock = await lockManifests(dirname(path), holder, runtime);
    await recordRehearsal(path, verified.sha256, rehearsal, runtime.userId);
  } catch (error) {
    const message = `The rehearsal could not be recorded in the manifest: ${(error as Error).message}`;
    runtime.onProgress({ kind: 'warning', message });
  }
}
