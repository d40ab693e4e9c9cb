import {
  alterDatabase,
  createDatabase,
  dropDatabase,
  dropObjects,
  endConnection,
} from '../../server/change/database-changes.ts';
import type { BackupFile } from '../../backups/read/backup-file.ts';
import type { ClientProgram } from '../../programs/client-programs.ts';
import { readDatabaseFacts, readSchema } from '../../server/catalog/database-facts.ts';
import { connectServer } from '../../server/connect/server.ts';
import type { Backup } from '../../backups/record/backup.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import type { DumpFindings } from '../../sql/dump-reader.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { isScripted } from '../../sql/script/load-script.ts';
import { quoteName } from '../../backups/record/backup-name.ts';
import { countObjects, isEmpty, NOTHING, without } from '../../sql/definitions/object-names.ts';
import type { Replacement } from '../../jobs/record/in-place-journal.ts';
import { forTarget } from '../../sql/script/program-text.ts';
import type { ObjectNames, RestorePlan } from '../plan/restore-plan.ts';
import type { RoutineGrant } from '../../backups/record/routine-grants.ts';
import type { DatabaseLock } from '../../jobs/lock-database.ts';
import { warnOfDifferences } from '../load/compare-definitions.ts';
import { warnOfExpiredEvents } from '../load/expired-events.ts';
import { giveGrantsBack } from '../routine-grants/give-grants-back.ts';
import { readGrantsToKeep } from '../routine-grants/keep-routine-grants.ts';
import { loadInParallel } from '../load/load-in-parallel.ts';
import { loadPrograms } from '../load/load-programs.ts';
import { loadThroughClient } from '../load/load-through-client.ts';
import { warnOfLostWrites } from '../replace/warn-of-lost-writes.ts';
import { refuseNewcomers } from '../plan/refuse-unfit-server.ts';
import { clearedBy, objectNames } from '../plan/make-plan.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SafetyBackup } from '../replace/safety-backup.ts';
import { savedProgram } from '../load/try-programs.ts';
import { explainUnmovable } from '../plan/unmovable-tables.ts';
import type { Verified } from '../../backups/read/verify-file.ts';

/** A signal or time limit wants the run to end; tidying up must not keep it from that. */
const CLEAN_UP_MS = 8_000;

export interface ReplaceRequest {
  readonly connection: Connection;
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly verified: Verified;
  readonly target: string;
  readonly plan: RestorePlan;
  readonly keepExtra: boolean;
  readonly tool: ClientProgram;
  readonly job: string;
  readonly lock: DatabaseLock;
  /** undefined: the target held nothing, or the user wanted none. */
  readonly safety: SafetyBackup | undefined;
  /** Brings back what the target held. undefined: it held nothing, or the user wanted no safety backup. */
  readonly returnCommand: string | undefined;
}

export interface InPlaceRequest extends ReplaceRequest {
  /** The backup directory. */
  readonly directory: string;
  readonly replacement: Replacement;
  /** Resolves when it is on disk. undefined: the target is whole. */
  readonly journal: (replacing: Replacement | undefined) => Promise<void>;
}

/**
 * Clears the target of what the backup replaces or does not hold, loads the backup into it, and checks that
 * everything arrived.
 *
 * From the first dropped object until the end the target is neither old nor new; every failure in between says so,
 * and how to return. A target that held nothing is emptied again instead. The journal says so as well, from before the
 * first change on: a run that is killed has no last word.
 *
 * @throws {DbBackupError} `restore-failed` when the target is as it was, else `restore-incomplete`; a cancellation
 *   keeps its code.
 */
export async function replaceInPlace(request: InPlaceRequest, runtime: Runtime): Promise<void> {
  const { lock, file } = request;
  let changed = false as boolean; // the callback sets it
  const onChange = (): void => {
    changed = true;
  };
  try {
    if (await file.changed()) {
      throw new DbBackupError('restore-failed', `${file.path} was changed after it was verified.`);
    }
    await refuseTooFewConnections(request, runtime);
    lock.assertHeld();
    const grants = await grantsToKeep(request, runtime);
    await request.journal({ ...request.replacement, grants });
    await warnOfLostWrites({ ...request, schema: request.target }, runtime);
    await clear(request, onChange, runtime);
    lock.assertHeld();
    onChange();
    runtime.onProgress({ kind: 'step', message: 'Restoring database from backup...', phase: 'load' });
    await load(request, runtime);
    await refuseMissing(request, runtime);
    await giveBack(request, grants, runtime);
  } catch (error) {
    if (!changed) await endJournal(request);
    if (!(error instanceof DbBackupError) && !changed) throw error;
    // Even after a bug the user must know what is left, and the way back.
    const known = DbBackupError.wrap(error, 'failed', `A bug in dbbackup: ${String(error)}`);
    throw await toldWithState(known, changed, request, runtime);
  }
  await endJournal(request);
}

/** Before anything is dropped: an account may be allowed only a few connections, and what returns it needs as many. */
async function refuseTooFewConnections(
  { connection, plan }: InPlaceRequest,
  { signal }: Runtime,
): Promise<void> {
  // One adds indexes; and the server may still count one that has just ended.
  const count = 2 + (plan.loader.kind === 'parallel' ? plan.loader.connections : 1);
  const opened = await Promise.allSettled(
    Array.from({ length: count }, () => connectServer(connection, signal)),
  );
  for (const each of opened) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  const refused = opened.find((each) => each.status === 'rejected');
  if (refused !== undefined) throw DbBackupError.wrap(refused.reason, 'failed', String(refused.reason));
}

async function grantsToKeep(request: InPlaceRequest, { signal }: Runtime): Promise<readonly RoutineGrant[]> {
  const { connection, target, plan } = request;
  await using server = await connectServer(connection, signal);
  const holds =
    (await readSchema(server, target)) === undefined
      ? NOTHING
      : objectNames(await readDatabaseFacts(server, target));
  return await readGrantsToKeep({
    ...request,
    server,
    holds: holds.routines,
    goes: clearedBy(holds, plan, keepsOthers(request)).routines,
    brings: plan.brings.routines,
  });
}

async function giveBack(
  { connection, target }: InPlaceRequest,
  grants: readonly RoutineGrant[],
  { signal, onProgress }: Runtime,
): Promise<void> {
  if (grants.length === 0) return;
  await using server = await connectServer(connection, signal);
  await giveGrantsBack(server, target, grants, (message) => {
    onProgress({ kind: 'warning', message });
  });
}

async function endJournal({ journal }: InPlaceRequest): Promise<void> {
  await journal(undefined).catch(() => undefined); // the job's last state, which follows, says it again
}

/** Drops what must go, and gives the database the backup's defaults; makes it where it is missing. */
async function clear(request: ReplaceRequest, onChange: () => void, runtime: Runtime): Promise<void> {
  const { connection, plan, target, backup, verified } = request;
  await using server = await connectServer(connection, runtime.signal);
  const defaults = defaultsOf(backup, verified.findings);
  const schema = await readSchema(server, target);
  if (schema === undefined) {
    await createDatabase(server, target, defaults);
    onChange();
    return;
  }
  const holds = objectNames(await readDatabaseFacts(server, target));
  const goes = clearedBy(holds, plan, keepsOthers(request));
  refuseNewcomers(plan, goes);
  if (!isEmpty(goes)) {
    runtime.onProgress({ kind: 'step', message: `Removing ${countObjects(goes)} from ${target}...` });
    let mayHaveChanged = false as boolean; // the callback sets it
    try {
      await dropObjects(server, target, goes, () => (mayHaveChanged = true));
    } catch (error) {
      // The server goes on with a statement whose client has left: a DROP that waits would come later, unseen. And of
      // one that the server refuses, it may have done nothing or a part.
      if (await endedUnchanged(request, server.connectionId, holds)) {
        mayHaveChanged = false;
      }
      throw await explainUnmovable(
        error,
        { connection, database: target, tables: goes.tables },
        runtime.signal,
      );
    } finally {
      if (mayHaveChanged) onChange();
    }
  }
  if (plan.onlyTables === undefined && defaults !== undefined && defaults.collation !== schema.collation) {
    await alterDatabase(server, target, defaults);
    onChange();
  }
}

/** What the backup does not bring stays where it is. */
export function keepsOthers({ keepExtra, plan }: Pick<ReplaceRequest, 'keepExtra' | 'plan'>): boolean {
  return keepExtra || plan.onlyTables !== undefined;
}

/** Ends a statement of ours on the server, and looks whether the target still holds all that it held. */
async function endedUnchanged(
  { connection, target }: ReplaceRequest,
  connectionId: number,
  held: ObjectNames,
): Promise<boolean> {
  try {
    await using server = await connectServer(connection, AbortSignal.timeout(CLEAN_UP_MS));
    await endConnection(server, connectionId);
    return isEmpty(without(held, objectNames(await readDatabaseFacts(server, target))));
  } catch {
    return false; // then it is told as changed, which it may be
  }
}

async function load(request: ReplaceRequest, runtime: Runtime): Promise<void> {
  const { connection, plan, target, verified, backup } = request;
  const { script } = verified.findings;
  if (plan.loader.kind === 'client' || !isScripted(script)) {
    await loadThroughClient(request, runtime);
    return;
  }
  const { connections } = plan.loader;
  const loaded = await loadInParallel({ ...request, schema: target, script, connections }, runtime);
  const { preamble, programs } = loaded;
  const latin1 = (text: Buffer): string => text.toString('latin1');
  await loadPrograms(
    {
      connection,
      schema: target,
      preamble: preamble.map(latin1),
      programs: programs.map((program) => savedProgram(program, forTarget(program))),
    },
    runtime.signal,
  );
  // Last: until here the target is half filled.
  const madeBy = backup.manifest?.server;
  await warnOfDifferences({ connection, schema: target, job: request.job, loaded, madeBy }, runtime);
}

/** A client that exits 0 has sent everything; what the server made of it is asked all the same. */
async function refuseMissing({ connection, target, plan }: ReplaceRequest, runtime: Runtime): Promise<void> {
  runtime.onProgress({ kind: 'step', message: `Checking ${target}...` });
  await using server = await connectServer(connection, runtime.signal);
  const absent = without(plan.brings, objectNames(await readDatabaseFacts(server, target)));
  warnOfExpiredEvents(absent.events, target, runtime);
  const missing = { ...absent, events: [] };
  if (isEmpty(missing)) return;
  const names = Object.values(missing).flat().slice(0, 5).join(', ');
  throw new DbBackupError(
    'restore-failed',
    `After loading, ${target} lacks ${countObjects(missing)} of the backup: ${names}.`,
  );
}

/** Of a dump that was made with `--databases`, as far as it says so. */
export function defaultsOf(
  { manifest }: Backup,
  { charset, collation }: DumpFindings,
): DatabaseDefaults | undefined {
  if (manifest !== undefined) return { charset: manifest.charset, collation: manifest.collation };
  if (charset === undefined && collation === undefined) return undefined;
  return { ...(charset !== undefined && { charset }), ...(collation !== undefined && { collation }) };
}

/** The same failure, told with the state that the target is in and what to type next. */
async function toldWithState(
  error: DbBackupError,
  changed: boolean,
  request: InPlaceRequest,
  runtime: Runtime,
): Promise<DbBackupError> {
  const { target, plan, returnCommand } = request;
  const cancelled = isCancellation(error);
  // A file that turns out to be damaged now says that nothing was touched, which is no longer so.
  const own = changed && error.code === 'damaged' ? undefined : error.hint;
  const told = (
    code: 'restore-failed' | 'restore-incomplete',
    state: string,
    hint: string | undefined,
  ): DbBackupError =>
    new DbBackupError(cancelled ? error.code : code, `${sentence(error.message)} ${state}`, {
      hint: [own, hint].filter((part) => part !== undefined).join(' ') || undefined,
      cause: error,
    });
  if (!changed) return told('restore-failed', `${target} is as it was.`, undefined);
  if (isEmpty(plan.target.holds)) {
    try {
      const left = await emptyAgain(request, runtime);
      await endJournal(request);
      return told('restore-failed', EMPTIED[left](target), undefined);
    } catch {
      // The failure that counts is the first one; the state below says what it left.
      return told(
        'restore-incomplete',
        `${target} was empty before and holds a part of the backup now.`,
        `To empty it: DROP DATABASE ${quoteName(target)};`,
      );
    }
  }
  return returnCommand === undefined
    ? told(
        'restore-incomplete',
        `${target} holds only a part of the backup now, and there is no safety backup.`,
        'Mend the cause and restore again.',
      )
    : told(
        'restore-incomplete',
        `${target} holds only a part of the backup now.`,
        `To bring back what it held:\n${returnCommand}`,
      );
}

/** What a server or a tool says often ends without a full stop. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const EMPTIED = {
  nothing: (target: string) => `${target} was removed again.`,
  database: (target: string) => `${target} is empty again, as it was.`,
  others: (target: string) => `${target} is empty of the backup again; what others have put into it stays.`,
} as const;

/** @returns what is left. */
async function emptyAgain(
  { connection, target, plan }: ReplaceRequest,
  runtime: Runtime,
): Promise<keyof typeof EMPTIED> {
  // Not under the run's own signal, which may be what ended the load.
  await using server = await connectServer(connection, AbortSignal.timeout(CLEAN_UP_MS));
  await dropObjects(server, target, plan.brings, () => undefined);
  runtime.onProgress({ kind: 'detail', message: `Removed what was loaded into ${target}.` });
  if (!isEmpty(objectNames(await readDatabaseFacts(server, target)))) return 'others';
  if (!plan.createsDatabase) return 'database';
  await dropDatabase(server, target);
  return 'nothing';
}
