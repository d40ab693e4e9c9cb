import { chooseWritable } from '../backups/directory/stand-in-directory.ts';
import type { BackupFile } from '../backups/read/backup-file.ts';
import { verifyDatabase } from '../backups/read/verify-databases.ts';
import { verifyButChunks } from '../backups/read/verify-but-chunks.ts';
import { verifyFile, type VerifiedDump, type VerifiedFile } from '../backups/read/verify-file.ts';
import { onlyOf, verifyTables } from '../backups/read/verify-tables.ts';
import type { Backup } from '../backups/record/backup.ts';
import { findClientProgram, type ClientProgram } from '../programs/client-programs.ts';
import type { Runtime } from '../run/runtime.ts';
import { isSplittable } from '../sql/script/load-plan.ts';
import { findDatabaseFacts } from '../server/catalog/database-facts.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import { namingNewestGood, warnOfFailedProof } from './check/newest-good.ts';
import { refuseBrokenTarget } from './check/refuse-broken-target.ts';
import { refuseOutside } from './check/refuse-outside.ts';
import { refuseOldEngine } from './check/refuse-old-engine.ts';
import { warnOfReadOnly } from './check/refuse-read-only-server.ts';
import { refuseUnknownCollations } from './check/refuse-unknown-collations.ts';
import { databaseCommandsOf, receivingCommandOf } from './further-commands.ts';
import { fitToServer } from './load/fit-to-server.ts';
import { clearedBy } from './plan/cleared-objects.ts';
import { planKeeping } from './keep/plan-keeping.ts';
import { makeRestorePlan } from './plan/make-plan.ts';
import { refuseCascades } from './check/refuse-cascades.ts';
import { refuseUnconfined } from './check/refuse-unconfined.ts';
import { refuseUnfitServer } from './check/refuse-unfit-server.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import { keepsOthers } from './replace/replace-request.ts';
import { warnOfStatistics } from './replace/warn-of-statistics.ts';
import type { RestoreRequest } from './request.ts';
import { warnOfRoutineGrants } from './routine-grants/keep-routine-grants.ts';

export const PREPARING = 'Preparing the restore...';

/** A file and its target; `verified` when it has already been read. */
export interface ToPrepare {
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly target: string;
  readonly verified?: VerifiedDump | undefined;
}

/** A backup that was found, opened, verified and compared with the target. */
export interface Prepared extends VerifiedFile {
  readonly backup: Backup;
  readonly target: string;
  readonly plan: RestorePlan;
  readonly tool: ClientProgram;
  /** Verifies all of the file, where its chunks were left to the loader. */
  readonly readWhole: (session: SharedSession) => Promise<VerifiedFile>;
}

/** @param leavesChunks The rows of large tables are checked when they are loaded. */
async function verify(
  request: Omit<RestoreRequest, 'confirm'>,
  opened: ToPrepare,
  leavesChunks: boolean,
  runtime: Runtime,
): Promise<VerifiedFile> {
  try {
    return await read(request, opened, leavesChunks, runtime);
  } catch (error) {
    throw await namingNewestGood(request, opened.backup, error);
  }
}

async function read(
  request: Omit<RestoreRequest, 'confirm'>,
  { backup, file, target }: ToPrepare,
  leavesChunks: boolean,
  runtime: Runtime,
): Promise<VerifiedFile> {
  const { tables, allowIncomplete, skipAccounts = false, allowUnsafe = false, fromDatabase } = request;
  runtime.onProgress({ kind: 'step', message: 'Verifying the backup...' });
  const waysOut = (databases: readonly string[]): string =>
    databaseCommandsOf(request, backup, databases, runtime);
  const whole = { backup, file, target, allowIncomplete, skipAccounts, allowUnsafe, waysOut };
  if (fromDatabase !== undefined) {
    const { verified } = await verifyDatabase({ ...whole, database: fromDatabase }, runtime);
    return { file, verified: tables === undefined ? verified : onlyOf(verified, tables, file.path) };
  }
  if (tables !== undefined) return verifyTables({ ...whole, tables }, leavesChunks, runtime);
  const parts = leavesChunks ? await verifyButChunks(whole, runtime) : undefined;
  return parts ?? { file, verified: await verifyFile(whole, runtime) };
}

/** The same, and the user has agreed to it. */
export async function prepareConfirmed(
  request: RestoreRequest,
  opened: ToPrepare,
  session: SharedSession,
  runtime: Runtime,
): Promise<Prepared> {
  const prepared = await prepareOnce(request, opened, session, runtime);
  const { database } = prepared.plan.target;
  const question = `Waiting for confirmation that ${database} may be replaced...`;
  if (prepared.plan.needsConfirmation) runtime.onProgress({ kind: 'step', message: question });
  await request.confirm(prepared.plan);
  runtime.onProgress({ kind: 'step', message: PREPARING });
  runtime.signal.throwIfAborted();
  return prepared;
}

/**
 * The rows of large tables are read once, by the loader, where that can be: what is refused there costs a staging schema.
 * In place it would cost the target, so there all is read before.
 */
async function prepareOnce(
  request: RestoreRequest,
  opened: ToPrepare,
  session: SharedSession,
  runtime: Runtime,
): Promise<Prepared> {
  if (opened.verified !== undefined || request.inPlace) return prepare(request, opened, session, runtime);
  const read = await verify(request, opened, true, runtime);
  const prepared = await compare(request, opened, read, session, runtime);
  const isRead = prepared.plan.method === 'staging' || !leavesChunks(prepared.verified);
  return isRead ? prepared : prepare(request, opened, session, runtime);
}

/** What a restore would do, of what was opened; all of it is read. */
export async function prepare(
  request: Omit<RestoreRequest, 'confirm'>,
  opened: ToPrepare,
  session: SharedSession,
  runtime: Runtime,
): Promise<Prepared> {
  const { file, verified } = opened;
  const read = verified === undefined ? await verify(request, opened, false, runtime) : { file, verified };
  return compare(request, opened, read, session, runtime);
}

function leavesChunks({ findings: { script } }: VerifiedDump): boolean {
  return isSplittable(script) && script.tables.some(({ chunks }) => chunks !== undefined);
}

async function compare(
  request: Omit<RestoreRequest, 'confirm'>,
  opened: ToPrepare,
  { file, verified: whole }: VerifiedFile,
  session: SharedSession,
  runtime: Runtime,
): Promise<Prepared> {
  const { backup, target } = opened;
  const verified = await fitToServer(whole, session);
  refuseOutside(request, { backup, outside: verified.findings.outside }, runtime);
  const server = await session.open();
  const facts = await findDatabaseFacts(server, target);
  const { userId } = runtime;
  const made = await makeRestorePlan({ ...request, backup, verified, target, facts, userId }, server);
  const { holds } = made.target;
  const goes = clearedBy(holds, made, keepsOthers({ ...request, plan: made }));
  const grantWarnings = await warnOfRoutineGrants(
    {
      ...{ ...request, server, target, backup, userId },
      holds: holds.routines,
      goes: goes.routines,
      brings: made.brings.routines,
    },
    made.safetyBackup,
  );
  const keeping = await planKeeping(request, { plan: made, facts, goes }, server);
  const lost = await warnOfStatistics(server, target, goes.tables);
  const keptIn = await chooseWritable({ directory: request.directory, database: target }, runtime);
  const plan = {
    ...made,
    keeping,
    safetyDirectory: keptIn === request.directory ? undefined : keptIn,
    warnings: [
      ...(await warnOfFailedProof(request, backup)),
      ...made.warnings,
      ...(await warnOfReadOnly(server)),
      ...grantWarnings,
      ...lost,
    ],
  };
  await refuseUnconfined(request, { plan, backup }, server);
  await refuseCascades({ plan, backup }, server);
  await refuseUnfitServer({ plan, verified, server });
  await refuseBrokenTarget(request, { plan, facts, backup, server }, runtime);
  const fromStdin = receivingCommandOf(request, target, runtime);
  refuseOldEngine({ backup, findings: verified.findings }, fromStdin);
  await refuseUnknownCollations({ backup, findings: verified.findings }, server, fromStdin);
  const tool = await findClientProgram('load', server.flavour, runtime.env, runtime.signal);
  const readWhole = async (open: SharedSession): Promise<VerifiedFile> => {
    const read = await verify(request, opened, false, runtime);
    return { file: read.file, verified: await fitToServer(read.verified, open) };
  };
  return { backup, file, verified, target, plan, tool, readWhole };
}
