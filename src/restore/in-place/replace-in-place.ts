import { findDatabaseFacts, readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { connectServer } from '../../server/connect/server.ts';
import { CLIENT_PRIVILEGES } from '../../server/change/load-accounts.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { DbBackupError } from '../../run/errors.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import { countObjects, isEmpty, NOTHING, without } from '../../sql/definitions/object-names.ts';
import { forTarget } from '../../sql/script/stored-object-text.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import { warnOfDifferences } from '../load/compare-definitions.ts';
import { warnOfExpiredEvents } from '../load/expired-events.ts';
import { giveGrantsBack } from '../routine-grants/give-grants-back.ts';
import { readGrantsToKeep } from '../routine-grants/keep-routine-grants.ts';
import { rowPrivileges, takeLoadAccount, type LoadLogin, type RowLoader } from '../load/load-account.ts';
import { loadInParallel } from '../load/parallel/load-in-parallel.ts';
import { loadStoredObjects } from '../load/load-stored-objects.ts';
import { loadThroughClient } from '../load/load-through-client.ts';
import { warnOfLostWrites } from '../replace/warn-of-lost-writes.ts';
import { clearedBy } from '../plan/cleared-objects.ts';
import { objectNames } from '../../server/catalog/database-facts.ts';
import type { Runtime } from '../../run/runtime.ts';
import { savedObject } from '../load/try-stored-objects.ts';
import { keepsOthers, type ReplaceRequest } from '../replace/replace-request.ts';
import { clear } from './clear-target.ts';
import { endJournal, type InPlaceRequest, toldWithState } from './failure-with-state.ts';

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
  const { connection, lock, file, target, safety } = request;
  const guarded = { ...runtime, signal: AbortSignal.any([runtime.signal, lock.lost]) };
  let changed = false as boolean; // the callback sets it
  const onChange = (): void => {
    changed = true;
  };
  try {
    if (await file.changed()) {
      throw new DbBackupError('restore-failed', `${file.path} was changed after it was verified.`);
    }
    await refuseTooFewConnections(request, guarded);
    lock.assertHeld();
    await using session = new SharedSession(connection, guarded.signal);
    const grants = await grantsToKeep(request, session);
    await using rows = await takeRowLoader(request, session, guarded);
    await request.journal({ ...request.replacement, grants });
    await warnOfLostWrites({ target, schema: target, safety }, session, guarded);
    await clear(request, session, onChange, guarded);
    lock.assertHeld();
    onChange();
    await session.close(); // the load needs as many connections as were tried
    runtime.onProgress({ kind: 'step', message: 'Restoring database from backup...', phase: 'load' });
    await load(request, rows.login, session, guarded);
    await refuseMissing(request, session, guarded);
    await giveBack(target, grants, session, guarded);
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
  // One adds indexes, one makes the tables that the load account fills; and the server may still count one that has
  // just ended.
  const loading = plan.loader.kind === 'parallel' && !plan.loadAccount.made ? plan.loader.connections : 1;
  const count = 2 + loading;
  const opened = await Promise.allSettled(
    Array.from({ length: count }, () => connectServer(connection, signal)),
  );
  for (const each of opened) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  const refused = opened.find((each) => each.status === 'rejected');
  if (refused !== undefined) throw DbBackupError.wrap(refused.reason, 'failed', String(refused.reason));
}

async function grantsToKeep(
  request: InPlaceRequest,
  session: SharedSession,
): Promise<readonly RoutineGrant[]> {
  const { connection, directory, backup, target, plan, userId } = request;
  const server = await session.open();
  const facts = await findDatabaseFacts(server, target);
  const holds = facts === undefined ? NOTHING : objectNames(facts);
  return await readGrantsToKeep({
    ...{ server, connection, directory, target, backup, userId },
    holds: holds.routines,
    goes: clearedBy(holds, plan, keepsOthers(request)).routines,
    brings: plan.brings.routines,
  });
}

async function giveBack(
  target: string,
  grants: readonly RoutineGrant[],
  session: SharedSession,
  { onProgress }: Runtime,
): Promise<void> {
  if (grants.length === 0) return;
  await giveGrantsBack(await session.open(), target, grants, (message) => {
    onProgress({ kind: 'warning', message });
  });
}

/** Before anything is dropped: an account of its own may be required. */
async function takeRowLoader(
  { connection, target, job, plan, verified, noteLoadAccount }: InPlaceRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<RowLoader> {
  const { script } = verified.findings;
  const { loader, loadAccount } = plan;
  const isParallel = loader.kind === 'parallel' && isSplittable(script);
  const needs = isParallel
    ? { privileges: rowPrivileges(script), connections: loader.connections }
    : { privileges: CLIENT_PRIVILEGES, connections: 1 };
  return await takeLoadAccount(
    { ...needs, connection, schema: target, job, plan: loadAccount, note: noteLoadAccount },
    session,
    runtime,
  );
}

async function load(
  request: ReplaceRequest,
  loadAccount: LoadLogin | undefined,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { connection, plan, target, file, verified, backup, lock, job } = request;
  const { script } = verified.findings;
  if (plan.loader.kind === 'client' || !isSplittable(script)) {
    await loadThroughClient({ ...request, connection: loadAccount?.connection ?? connection }, runtime);
    return;
  }
  const { connections } = plan.loader;
  const loaded = await loadInParallel(
    {
      ...{ connection, loadAccount, schema: target, script, connections, file, verified, lock },
    },
    runtime,
  );
  const { preset, programs } = loaded;
  await loadStoredObjects(
    {
      connection,
      schema: target,
      preset,
      programs: programs.map((program) => savedObject(program, forTarget(program))),
    },
    session,
    runtime.signal,
  );
  // Last: until here the target is half filled.
  const madeBy = backup.manifest?.server;
  await warnOfDifferences({ connection, connections, schema: target, job, loaded, madeBy }, session, runtime);
}

/** A client that exits 0 has sent everything; what the server made of it is asked all the same. */
async function refuseMissing(
  { target, plan }: ReplaceRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  runtime.onProgress({ kind: 'step', message: `Checking ${target}...` });
  const server = await session.open();
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
