import { objectNames } from '../../server/catalog/database-facts.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import { readBrokenObjects } from '../../server/catalog/broken-objects.ts';
import { readForeignReferences } from '../../server/catalog/incoming-foreign-keys.ts';
import { readJobFiles } from '../../jobs/record/job-files.ts';
import { describeDatabase } from '../../server/definitions/show-create.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { Server } from '../../server/connect/server.ts';
import { shownReference } from '../../backups/record/backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { namedBroken } from '../../sql/definitions/broken-object.ts';
import type { BrokenObject } from '../../sql/definitions/broken-object.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { unlessUnreadable } from '../../files/file-failure.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import { shellWord } from '../../run/shell-command.ts';
import { isEmpty, NOTHING, without } from '../../sql/definitions/object-names.ts';
import { isAnotherServer } from '../../server/instance/server-identity.ts';
import { chooseLoadAccount } from './choose-load-account.ts';
import { chooseMethod } from './choose-method.ts';
import type { RestoreRequest } from '../request.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

export interface PlanRequest extends Pick<
  RestoreRequest,
  | 'connection'
  | 'directory'
  | 'fromDatabase'
  | 'tables'
  | 'keepExtra'
  | 'safetyBackup'
  | 'skipBroken'
  | 'inPlace'
  | 'connections'
  | 'loadAccount'
> {
  readonly backup: Backup;
  readonly verified: VerifiedDump;
  readonly target: string;
  /** Of the target; undefined: it is not there. */
  readonly facts: DatabaseFacts | undefined;
  /** Who runs. */
  readonly userId: number;
}

/** Compares what the backup holds with what the target holds, and says what the restore would do. */
export async function makeRestorePlan(request: PlanRequest, server: Server): Promise<RestorePlan> {
  const { backup, verified, target, facts, tables } = request;
  const keepExtra = request.keepExtra || tables !== undefined;
  const { inventory, edits, outside, warnings, allowed, allowedCount } = verified.findings;
  const holds = facts === undefined ? NOTHING : objectNames(facts);
  const extra = without(holds, inventory);
  const broken = facts !== undefined && request.skipBroken ? await readBrokenObjects(server, facts) : [];
  const leftOut = backup.manifest?.skippedBroken ?? [];
  const spares = facts === undefined || keepExtra ? NOTHING : sparedOf(extra, [...broken, ...leftOut], facts);
  const removes = keepExtra ? NOTHING : without(extra, spares);
  if (tables !== undefined) await refuseTornReferences(server, target, extra.tables);
  const empty = isEmpty(holds);
  // Of single tables the database is not made again.
  const isMadeAgain = facts !== undefined && empty && tables === undefined;
  const identity = await readServerIdentity(server);
  const method = await chooseMethod(
    {
      target,
      facts,
      brings: inventory,
      stays: keepExtra ? extra.tables : spares.tables,
      script: verified.findings.script,
      inPlace: request.inPlace,
      connections: request.connections,
    },
    server,
  );
  const loadAccount = await chooseLoadAccount(
    { mode: request.loadAccount, target, brings: inventory, method, isIndispensable: allowedCount > 0 },
    server,
  );
  const told = edits.filter(
    (edit) => edit.told === 'always' || (edit.told === 'by-client' && method.loader.kind === 'client'),
  );
  return {
    backup: {
      reference: shownReference(backup, request.directory),
      path: backup.path,
      database: request.fromDatabase ?? backup.manifest?.database ?? (backup.database || undefined),
      fromDatabase: request.fromDatabase,
      ...timeOf(backup, verified.findings),
      sizeBytes: backup.sizeBytes,
      uncompressedBytes: verified.uncompressedBytes,
      state: backup.state,
      server: backup.manifest?.server,
      isFromAnotherServer: isAnotherServer(backup.manifest?.server ?? {}, identity),
    },
    target: {
      database: target,
      endpoint: describeEndpoint(request.connection.endpoint),
      server: identity,
      exists: facts !== undefined,
      holds,
      createStatement: isMadeAgain ? await describeDatabase(server, target) : undefined,
    },
    brings: inventory,
    removes,
    keeps: request.keepExtra && tables === undefined ? extra : spares,
    spares,
    onlyTables: tables,
    createsDatabase: facts === undefined,
    needsConfirmation: !empty,
    safetyBackup: empty ? 'not-needed' : request.safetyBackup ? 'made' : 'declined',
    ...method,
    loadAccount,
    ...{ allowed, allowedCount },
    // The server's statistics lag behind fresh rows.
    stagingBytes: Math.max(
      tables === undefined ? (backup.manifest?.dataLengthBytes ?? 0) : 0,
      verified.uncompressedBytes,
    ),
    estimatedMs: await estimateMs(request),
    warnings: [
      ...(backup.state === 'unverified'
        ? ["No manifest found: the file's integrity cannot be verified."]
        : []),
      ...(verified.findings.complete
        ? []
        : ['The file has no end line: its completeness cannot be verified.']),
      ...(backup.manifest?.warnings ?? []).map((warning) => `Backup warning: ${warning}`),
      ...new Set(
        told.map(({ reason, replacement }) => `${replacement === '' ? 'Ignored' : 'Changed'}: ${reason}.`),
      ),
      ...[...outside, ...warnings].map(({ line, text, reason }) => `Line ${line} ${reason}: ${text}`),
      ...charsetWarning(request),
      ...brokenWarnings(request, broken),
    ],
  };
}

/**
 * A table that stays must not have a foreign key to one that is replaced by another state of it.
 *
 * @throws {DbBackupError} `restore-failed`, naming both.
 */
async function refuseTornReferences(
  server: Server,
  database: string,
  stays: readonly string[],
): Promise<void> {
  const [reference] = await readForeignReferences(server, database, stays);
  if (reference === undefined) return;
  const { fromDatabase, fromTable, table } = reference;
  const own = fromDatabase === database;
  throw new DbBackupError(
    'restore-failed',
    `${own ? fromTable : `${fromDatabase}.${fromTable}`}, which is kept, has a foreign key to ${table}, which may not hold with another ${table}. Nothing was touched.`,
    {
      hint: own
        ? `Restore both: ${shellWord(`--table=${table}`)} ${shellWord(`--table=${fromTable}`)}`
        : 'Restore the whole backup, or restore into another database with --to.',
    },
  );
}

/**
 * What no restore removes: what it lacks, or the safety backup will lack, only because it could not be opened. Nothing
 * could bring it back.
 */
function sparedOf(extra: ObjectNames, broken: readonly BrokenObject[], facts: DatabaseFacts): ObjectNames {
  const names = new Set(broken.map(({ name }) => name));
  const isSpared = (name: string | undefined): boolean => name !== undefined && names.has(name);
  return {
    ...NOTHING,
    tables: extra.tables.filter(isSpared),
    views: extra.views.filter(isSpared),
    triggers: extra.triggers.filter((trigger) => isSpared(facts.triggerTables.get(trigger))),
  };
}

function brokenWarnings(
  { verified, safetyBackup, target }: PlanRequest,
  broken: readonly BrokenObject[],
): string[] {
  if (broken.length === 0 || !safetyBackup) return [];
  const { tables, views } = verified.findings.inventory;
  const replaced = broken.filter(({ name }) => tables.includes(name) || views.includes(name));
  return [
    `Not in the safety backup (--skip-broken), because the server cannot open it: ${namedBroken(broken)}.`,
    ...(replaced.length === 0
      ? []
      : [
          `The restore replaces ${replaced.map(({ kind, name }) => `the ${kind} ${name}`).join(', ')} of ${target}, which the undo cannot bring back as it is now.`,
        ]),
  ];
}

function charsetWarning({ backup: { manifest }, target, facts }: PlanRequest): string[] {
  if (manifest === undefined || facts === undefined || facts.collation === manifest.collation) return [];
  return [
    `The default collation of ${target} changes from ${facts.collation} to ${manifest.collation}, as in the backup.`,
  ];
}

/** A restore of a dump takes about this many times as long as making it did. */
const TIMES_THE_DUMP = 3;

/** By the rate of the last restore that this backup directory saw, else by how long the backup took to make. */
async function estimateMs({ directory, verified, backup, userId }: PlanRequest): Promise<number | undefined> {
  // Who may only read backups may perhaps not read the jobs.
  const { jobs } = await unlessUnreadable(readJobFiles(directory, userId), { jobs: [], unreadable: [] });
  const past = jobs
    .filter(({ operation, state }) => operation === 'restore' && state === 'succeeded')
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .find(({ result }) => (result?.restored?.uncompressedBytes ?? 0) >= RATE_MATTERS_FROM_BYTES)
    ?.result?.restored;
  if (past !== undefined)
    return Math.round((past.durationMs * verified.uncompressedBytes) / past.uncompressedBytes);
  const { manifest } = backup;
  if (manifest === undefined || manifest.file.uncompressedBytes === 0) return undefined;
  const part = verified.uncompressedBytes / manifest.file.uncompressedBytes;
  return Math.round(TIMES_THE_DUMP * manifest.durationMs * part);
}

/** Below this, rows take hardly any of the time. */
const RATE_MATTERS_FROM_BYTES = 1024 * 1024;

/**
 * Of a file that dbbackup neither made nor named, only its end line may tell: the file's own time is that of a copy.
 */
function timeOf(
  { manifest, label, startedAt }: Backup,
  { madeAt }: DumpReport,
): Pick<RestorePlan['backup'], 'startedAt' | 'madeAt'> {
  const isOurs = manifest !== undefined || label !== undefined;
  return isOurs ? { startedAt, madeAt: undefined } : { startedAt: undefined, madeAt };
}
