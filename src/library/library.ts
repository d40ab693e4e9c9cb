// The functions for programs that use dbbackup as a library. Options left out have the command line's defaults, and
// values are checked like those of flags.
import { nodeVersion, processRuntime } from '../cli/process/process-context.ts';
import { chooseCompression, parseCompression } from '../settings/values/compression.ts';
import { refuseNonName } from '../settings/values/database-names.ts';
import { parseLabel } from '../settings/values/label.ts';
import * as connection from '../settings/resolve-settings.ts';
import type { ResolvedSettings } from '../settings/resolve-settings.ts';
import * as create from '../create/create-backups.ts';
import type { CreatedBackup } from '../dump/backup-task.ts';
import * as examine from '../doctor/doctor.ts';
import * as undo from '../restore/undo/undo.ts';
import type { UndoOutcome } from '../restore/undo/request.ts';
import * as restore from '../restore/restore.ts';
import type { RestoreOutcome } from '../restore/request.ts';
import type { Runtime } from '../run/runtime.ts';
import * as status from '../jobs/read-status.ts';
import * as readJobs from '../jobs/read-jobs.ts';
import * as verify from '../verify/verify-backup.ts';
import * as verifyMany from '../verify/verify-backups.ts';
import type { Verification, VerifyFollower } from '../verify/verify-backups.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';
import type { Backup } from '../backups/record/backup.ts';
import { NOTHING_SKIPPED } from '../sql/definitions/skipped-objects.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Finding } from '../doctor/finding/finding.ts';
import type { Job } from '../jobs/record/job.ts';
import type { Status } from '../jobs/record/status.ts';
import type {
  Flags,
  CreateBackupRequest,
  RestoreBackupRequest,
  UndoRestoreRequest,
  VerifyRequest,
  ExamineRequest,
} from './requests.ts';
import { askProgram, refuseUnconfirmed } from './confirmation.ts';
import {
  refuseToAsk,
  flagValues,
  absolute,
  checked,
  absoluteDirectory,
  databaseOf,
  given,
  asText,
  defined,
  connectionsOf,
  keepOldOf,
  sameServerOf,
} from './checked-values.ts';

/**
 * Finds the server and the account as the command line does: these flags, then the environment, then option files.
 *
 * @param flags By the flag's long name: `{ url: 'mysql://…' }`, `{ host: 'db', user: 'backup', 'password-file': … }`.
 * @param askPassword Called for `ask-password`, and for an option file with `password` but no value.
 * @throws {DbBackupError} `usage`, naming the setting and its source.
 */
export async function resolveSettings(
  flags: Flags = {},
  runtime: Pick<Runtime, 'env' | 'cwd' | 'homeDirectory' | 'userName'> = processRuntime(),
  askPassword: () => Promise<string> = refuseToAsk,
): Promise<ResolvedSettings> {
  return connection.resolveSettings(flagValues(flags), runtime, askPassword);
}

/**
 * Backs up one database, as a job and under its lock.
 *
 * @throws {DbBackupError} `usage`, `locked`, `not-found`, `access-denied`, `unreachable`, `tool-missing`,
 *  `dump-failed`, `no-space`; `interrupted` or `timeout` after an abort. Nothing but a finished backup is ever
 * visible.
 */
export async function createBackup(
  request: CreateBackupRequest,
  runtime: Runtime = processRuntime(),
): Promise<CreatedBackup> {
  const { label, compression } = request;
  const destination = absolute(request.destination ?? { kind: 'directory' }, runtime);
  return create.createBackup(
    {
      connection: checked(request.connection),
      directory: absoluteDirectory(request.directory, runtime.cwd),
      database: databaseOf(request),
      label: parseLabel(label === undefined ? undefined : given('label', label)),
      compression: chooseCompression(compression && given('compression', asText(compression)), destination),
      destination,
      allowEmpty: request.allowEmpty ?? false,
      skip: { ...NOTHING_SKIPPED, ...defined(request.skip ?? {}) },
      skipBroken: request.skipBroken ?? false,
      lockWaitMs: request.lockWaitMs ?? 0,
      prune: undefined,
    },
    runtime,
  );
}

/**
 * Restores one backup into one database.
 *
 * @throws {DbBackupError} Before anything is touched: `usage`, `not-found`, `damaged`, `unsafe`, `access-denied`,
 *   `not-confirmed`, `locked`, `safety-backup-failed`, … After: `restore-failed` when the target is as it was,
 *   `restore-incomplete` when it is not, with the command that returns it; a cancellation says which.
 */
export async function restoreBackup(
  request: RestoreBackupRequest,
  runtime: Runtime = processRuntime(),
): Promise<RestoreOutcome> {
  const { reference, to, tables, confirm, safetyCompression: safety, allowUnsafe = false } = request;
  const connection = checked(request.connection);
  refuseNonName(reference, 'reference');
  if (to !== undefined) refuseNonName(to, 'to');
  if (tables?.length === 0) {
    throw new DbBackupError('usage', 'tables is empty.', {
      hint: 'Leave it out to restore all of the backup.',
    });
  }
  for (const table of tables ?? []) refuseNonName(table, 'tables');
  if (allowUnsafe && typeof confirm !== 'function') {
    throw new DbBackupError('usage', 'allowUnsafe needs a function as `confirm`.', {
      hint: 'It is called with the plan, whose `allowed` lists the statements, and throws to refuse them.',
    });
  }
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return restore.restoreBackup(
    {
      ...{ connection, directory, reference, to, tables },
      keepExtra: request.keepExtra ?? false,
      safetyBackup: request.safetyBackup ?? true,
      safetyCompression: safety && parseCompression(given('safetyCompression', asText(safety))),
      keepOldMs: keepOldOf(request.keepOldMs),
      skipBroken: request.skipBroken ?? false,
      inPlace: request.inPlace ?? false,
      loadAccount: request.loadAccount ?? 'auto',
      connections: connectionsOf(request.connections),
      allowIncomplete: request.allowIncomplete ?? false,
      allowOutside: request.allowOutside ?? false,
      allowUnsafe,
      fromOtherServer: request.fromOtherServer ?? false,
      skipAccounts: request.skipAccounts ?? false,
      lockWaitMs: request.lockWaitMs ?? 0,
      sameServer: sameServerOf(request.sameServer, connection, directory),
      confirm: async (plan) => {
        if (typeof confirm === 'function') await askProgram(confirm, plan);
        else refuseUnconfirmed(confirm, plan);
      },
    },
    runtime,
  );
}

/**
 * Brings back what a restore replaced: at once where its previous tables were kept (`keepOldMs`), otherwise from its
 * safety backup.
 *
 * @throws {DbBackupError} `not-found` when there is no such restore, or nothing left to bring back; `not-confirmed`; and
 *   as `restoreBackup`.
 */
export async function undoRestore(
  request: UndoRestoreRequest,
  runtime: Runtime = processRuntime(),
): Promise<UndoOutcome> {
  const { job, confirm, safetyCompression } = request;
  const connection = checked(request.connection);
  if (job !== undefined) refuseNonName(job, 'job');
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return undo.undoRestore(
    {
      ...{ connection, directory, job },
      keepOldMs: keepOldOf(request.keepOldMs),
      connections: connectionsOf(request.connections),
      loadAccount: request.loadAccount ?? 'auto',
      safetyCompression:
        safetyCompression === undefined
          ? undefined
          : parseCompression(given('safetyCompression', asText(safetyCompression))),
      lockWaitMs: request.lockWaitMs ?? 0,
      sameServer: sameServerOf(request.sameServer, connection, directory),
      confirm: async (plan) => {
        const asked = plan.method === 'swap' ? plan : plan.plan;
        if (typeof confirm === 'function') await askProgram(() => confirm(plan), asked);
        else refuseUnconfirmed(confirm, asked, 'undoRestore');
      },
    },
    runtime,
  );
}

/**
 * What is running, the last runs, and what went wrong. Needs no server. A job whose process no longer exists is
 * `interrupted`.
 */
export async function readStatus(
  { directory }: { readonly directory: string },
  runtime: Runtime = processRuntime(),
): Promise<Status> {
  return status.readStatus({ directory: absoluteDirectory(directory, runtime.cwd) }, runtime);
}

/**
 * One job, and its log.
 *
 * @throws {DbBackupError} `not-found`, `no-space`.
 */
export async function readJob(
  { directory, id }: { readonly directory: string; readonly id: string },
  runtime: Runtime = processRuntime(),
): Promise<{ readonly job: Job; readonly log: string }> {
  return readJobs.readJob({ directory: absoluteDirectory(directory, runtime.cwd), id }, runtime);
}

/**
 * Finds a backup and checks all that can be checked without a server.
 *
 * @param request.reference As `restore` takes it: `shop/latest`, a name, a path.
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `unsafe`.
 */
export async function verifyBackup(
  { reference, directory }: { readonly reference: string; readonly directory: string },
  runtime: Runtime = processRuntime(),
): Promise<VerifiedDump & { readonly backup: Backup }> {
  return verify.verifyBackup({ reference, directory: absoluteDirectory(directory, runtime.cwd) }, runtime);
}

/**
 * Reads backups one after the other, each to its end; after a damaged one the next is still read.
 *
 * @returns one entry for every backup that was asked for; after a cancellation, which is the last, there are no more.
 * @throws {DbBackupError} `not-found` or `usage` before anything is read, when one of them is not there.
 */
export async function verifyBackups(
  request: VerifyRequest,
  runtime: Runtime = processRuntime(),
  follower: VerifyFollower = { begins: () => undefined, ended: () => Promise.resolve() },
): Promise<readonly Verification[]> {
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  const { rehearsal } = request;
  return verifyMany.verifyBackups(
    {
      directory,
      references: request.references ?? [],
      all: request.all ?? false,
      allowIncomplete: request.allowIncomplete ?? false,
      skipAccounts: request.skipAccounts ?? false,
      rehearsal: rehearsal && {
        connection: checked(rehearsal.connection),
        connections: connectionsOf(rehearsal.connections),
        loadAccount: rehearsal.loadAccount ?? 'auto',
        sameServer: sameServerOf(rehearsal.sameServer, rehearsal.connection, directory),
      },
    },
    runtime,
    follower,
  );
}

/**
 * Checks everything that backups and restores depend on, and changes nothing. Failures become findings.
 *
 * @throws the signal's reason, and bugs; nothing else.
 */
export async function doctor(
  request: ExamineRequest,
  runtime: Runtime = processRuntime(),
): Promise<readonly Finding[]> {
  const connection = checked(request.connection);
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return examine.examine(
    {
      ...{ connection, directory },
      databases: request.databases ?? (connection.database === undefined ? [] : [connection.database]),
      compression: request.compression ?? chooseCompression(undefined, { kind: 'directory' }),
      nodeVersion: request.nodeVersion ?? nodeVersion,
      sameServer: sameServerOf(request.sameServer, connection, directory),
      settings: request.settings ?? { warnings: [], exposedFiles: [] },
    },
    runtime,
  );
}
