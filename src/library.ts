// The functions of the core for programs that call them. What such a program leaves out is what the command line takes
// when a flag is left out, and what it gives is checked as a flag's value is.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { nodeVersion, processRuntime } from './cli/process/process-context.ts';
import { chooseCompression } from './settings/values/compression.ts';
import { refuseNonName } from './settings/values/database-names.ts';
import { parseJobs } from './settings/values/connections.ts';
import { parseLabel } from './settings/values/label.ts';
import * as connection from './settings/resolve-settings.ts';
import type { ResolvedSettings } from './settings/resolve-settings.ts';
import * as create from './create/create-backups.ts';
import type { CreatedBackup, DatabaseRequest } from './create/create-backups.ts';
import * as examine from './doctor/doctor.ts';
import type { DoctorRequest } from './doctor/doctor.ts';
import * as list from './backups/directory/list-backups.ts';
import type { ListRequest } from './backups/directory/list-backups.ts';
import * as restore from './restore/restore.ts';
import type { RestoreOutcome, RestoreRequest } from './restore/restore.ts';
import type { Runtime } from './run/runtime.ts';
import * as status from './jobs/read-status.ts';
import * as verify from './verify/verify-backup.ts';
import * as verifyMany from './verify/verify-backups.ts';
import type { Verification, VerifyBackupsRequest, VerifyFollower } from './verify/verify-backups.ts';
import type { Verified } from './backups/read/verify-file.ts';
import type { Backup } from './backups/record/backup.ts';
import type { Connection } from './server/connect/connection.ts';
import { NOTHING_SKIPPED } from './dump/dump-plan.ts';
import type { Compression, Destination, Skip } from './dump/dump-plan.ts';
import { DbBackupError } from './run/errors.ts';
import type { Finding } from './doctor/finding/finding.ts';
import type { Job } from './jobs/record/job.ts';
import type { CompressionMethod } from './backups/record/manifest.ts';
import type { OnProgress } from './run/progress.ts';
import type { RestorePlan } from './restore/plan/restore-plan.ts';
import { sameServer } from './server/connect/same-server.ts';
import { SETTINGS } from './settings/table/settings-table.ts';
import type { FlagValues, SettingKey } from './settings/table/settings-table.ts';
import type { Status } from './jobs/record/status.ts';

/** The rest of `T`; of the keys `K` any may be left out. */
type Without<T, K extends keyof T> = Omit<T, K> & { [P in keyof Pick<T, K>]?: T[P] | undefined };

export type CreateBackupRequest = Without<
  Omit<DatabaseRequest, 'compression' | 'skip'>,
  'database' | 'label' | 'destination' | 'allowEmpty' | 'skipBroken' | 'lockWaitMs'
> & {
  /** As `--compress` takes it, such as `zstd:6`; left out: gzip, or what the name of the destination says. */
  readonly compression?: Compression | CompressionMethod | `${CompressionMethod}:${number}` | undefined;
  /** Left out: nothing. */
  readonly skip?: Partial<Skip> | undefined;
};

export type RestoreBackupRequest = Without<
  Omit<RestoreRequest, 'confirm' | 'confirmFirst'>,
  | 'to'
  | 'tables'
  | 'keepExtra'
  | 'safetyBackup'
  | 'skipBroken'
  | 'inPlace'
  | 'connections'
  | 'allowIncomplete'
  | 'fromOtherServer'
  | 'skipAccounts'
  | 'lockWaitMs'
  | 'sameServer'
> & {
  /**
   * The name of the database that may be replaced; or what is asked once, after the plan is made and before anything
   * is touched, and throws to refuse. Left out: only a database that holds nothing is restored into.
   */
  readonly confirm?: string | ((plan: RestorePlan) => Promise<void> | void) | undefined;
};

export type VerifyRequest = Without<
  Omit<VerifyBackupsRequest, 'rehearsal'>,
  'references' | 'all' | 'allowIncomplete' | 'skipAccounts'
> & {
  /** Load them into a scratch schema as well; left out: no. */
  readonly rehearsal?:
    Without<NonNullable<VerifyBackupsRequest['rehearsal']>, 'connections' | 'sameServer'> | undefined;
};

export type ExamineRequest = Without<
  DoctorRequest,
  'databases' | 'compression' | 'nodeVersion' | 'sameServer' | 'settings'
>;

/** By a flag's long name what it is given; true for a switch. */
export type Flags = Readonly<Partial<Record<SettingKey, string | number | true | undefined>>>;

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
 *   `dump-failed`, `no-space`; `interrupted` or `timeout` after an abort. Nothing but a finished backup is ever visible.
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
  const { reference, to, tables, confirm } = request;
  const connection = checked(request.connection);
  refuseNonName(reference, 'reference');
  if (to !== undefined) refuseNonName(to, 'to');
  if (tables?.length === 0) {
    throw new DbBackupError('usage', 'tables is empty.', {
      hint: 'Leave it out to restore all of the backup.',
    });
  }
  for (const table of tables ?? []) refuseNonName(table, 'tables');
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return restore.restoreBackup(
    {
      ...{ connection, directory, reference, to, tables },
      keepExtra: request.keepExtra ?? false,
      safetyBackup: request.safetyBackup ?? true,
      skipBroken: request.skipBroken ?? false,
      inPlace: request.inPlace ?? false,
      connections: connectionsOf(request.connections),
      allowIncomplete: request.allowIncomplete ?? false,
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
 * The backups in a backup directory, newest first.
 *
 * @param request.databases Left out: all.
 * @param onProgress Warned of folders that cannot be read; without it these are thrown.
 * @throws {DbBackupError} `no-space` when nothing can be read.
 */
export async function listBackups(
  { directory, databases = [] }: Without<ListRequest, 'databases'>,
  onProgress?: OnProgress,
): Promise<readonly Backup[]> {
  const { cwd } = processRuntime();
  return list.listBackups({ directory: absoluteDirectory(directory, cwd), databases }, onProgress);
}

/** What runs, what was last done, what went wrong. Needs no server. A job whose process is gone is `interrupted`. */
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
  return status.readJob({ directory: absoluteDirectory(directory, runtime.cwd), id }, runtime);
}

/**
 * Finds a backup and proves what can be proven of it without a server.
 *
 * @param request.reference As `restore` takes it: `shop/latest`, a name, a path.
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `unsafe`.
 */
export async function verifyBackup(
  { reference, directory }: { readonly reference: string; readonly directory: string },
  runtime: Runtime = processRuntime(),
): Promise<Verified & { readonly backup: Backup }> {
  return verify.verifyBackup({ reference, directory: absoluteDirectory(directory, runtime.cwd) }, runtime);
}

/**
 * Reads backups one after the other, each to its end; one that is damaged does not keep the next from being read.
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
        sameServer: sameServerOf(rehearsal.sameServer, rehearsal.connection, directory),
      },
    },
    runtime,
    follower,
  );
}

/**
 * Looks at all that backups and restores depend on, and changes nothing. What fails is a finding.
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

function databaseOf({ database, connection }: Pick<CreateBackupRequest, 'database' | 'connection'>): string {
  const name = database ?? connection.database;
  if (name === undefined) {
    throw new DbBackupError('usage', 'No database given.', {
      hint: "Pass `database` to createBackup(), or name it in the connection's URL.",
    });
  }
  refuseNonName(name, 'database');
  return name;
}

function refuseUnconfirmed(confirmed: string | undefined, { target, needsConfirmation }: RestorePlan): void {
  const { database } = target;
  if (confirmed === database) return;
  const hint = `If ${database} may be replaced, pass it as \`confirm\` to restoreBackup().`;
  if (confirmed !== undefined) {
    throw new DbBackupError(
      'not-confirmed',
      `\`confirm\` names "${confirmed}", but the restore goes into "${database}". Nothing was touched.`,
      { hint },
    );
  }
  if (!needsConfirmation) return;
  throw new DbBackupError(
    'not-confirmed',
    `Restoring replaces what ${database} holds, and that was not confirmed. Nothing was touched.`,
    { hint },
  );
}

/** What the program throws is its answer, and no bug of ours. */
async function askProgram(
  confirm: (plan: RestorePlan) => Promise<void> | void,
  plan: RestorePlan,
): Promise<void> {
  try {
    await confirm(plan);
  } catch (cause) {
    if (cause instanceof DbBackupError) throw cause;
    throw new DbBackupError(
      'not-confirmed',
      `The calling program did not confirm the restore into ${plan.target.database}. Nothing was touched.`,
      { cause },
    );
  }
}

/** Only a program without types gives anything else. */
function checked(connection: Connection): Connection {
  const given: unknown = connection;
  if (typeof given === 'object' && given !== null && 'endpoint' in given) return connection;
  throw new DbBackupError('usage', '`connection` is missing, or is no connection.', {
    hint: "It comes from resolveSettings():\nconst { connection } = await resolveSettings({ url: 'mysql://…' });",
  });
}

function absoluteDirectory(directory: string, cwd: string): string {
  const given: unknown = directory;
  if (typeof given === 'string' && given !== '') return resolve(cwd, given);
  throw new DbBackupError('usage', '`directory` is missing or empty.', {
    hint: 'Pass the path of the backup directory.',
  });
}

/** @throws {DbBackupError} `usage` for a name that is none: without it another server would be taken. */
function flagValues(flags: Flags): FlagValues {
  const known = new Map(SETTINGS.map((row) => [row.key as string, row]));
  const values = Object.entries(defined(flags)).map(([key, value]) => {
    if (!known.has(key)) {
      throw new DbBackupError('usage', `resolveSettings() knows no setting "${key}".`, {
        hint: 'Settings are called as the flags of the command line, such as host, port, user and password-file.',
      });
    }
    return [key, typeof value === 'number' ? String(value) : value] as const;
  });
  return Object.fromEntries(values);
}

function refuseToAsk(): Promise<string> {
  return Promise.reject(
    new DbBackupError('usage', 'The settings ask for a password to be typed, and nobody can be asked here.', {
      hint: 'Pass `askPassword` to resolveSettings(), or set DBBACKUP_PASSWORD_FILE.',
    }),
  );
}

/** As the command line would be told it. */
function given(source: string, text: string): { text: string; source: string; isFlag: true } {
  return { text, source, isFlag: true };
}

function asText(compression: Compression | string): string {
  if (typeof compression === 'string') return compression;
  const { method, level } = compression;
  return level === undefined ? method : `${method}:${level}`;
}

function connectionsOf(connections: number | undefined): number {
  const jobs = connections === undefined ? undefined : given('connections', String(connections));
  return parseJobs(jobs, availableParallelism());
}

/** The backup directory belongs to the way back, whoever has said the rest of it. */
function sameServerOf(
  asked: readonly string[] | undefined,
  connection: Connection,
  directory: string,
): readonly string[] {
  const server = asked ?? sameServer(connection, {}, []);
  return server.includes('--dir') ? server : ['--dir', directory, ...server];
}

function absolute(destination: Destination, { cwd }: Runtime): Destination {
  return destination.kind === 'file' ? { kind: 'file', path: resolve(cwd, destination.path) } : destination;
}

/** What is there but undefined counts as left out. */
function defined<T extends object>(values: T): { [P in keyof T]?: Exclude<T[P], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [P in keyof T]?: Exclude<T[P], undefined>;
  };
}
