import { join } from 'node:path';
import { readBackups } from '../backups/directory/read-backups.ts';
import { databaseFolder } from '../backups/directory/layout.ts';
import { readBrokenObjects } from '../server/catalog/broken-objects.ts';
import { mayHaveForeignKeys } from '../server/catalog/incoming-foreign-keys.ts';
import { findClientProgram } from '../programs/client-programs.ts';
import type { ClientProgram } from '../programs/client-programs.ts';
import { requireCompressor } from '../compression/compressors.ts';
import { readSchema } from '../server/catalog/database-facts.ts';
import type { DatabaseFacts } from '../server/catalog/database-facts.ts';
import { buildDumpArgs } from '../programs/dump-tool.ts';
import { readInexactColumns } from '../server/definitions/read-inexact-columns.ts';
import { readRenameCounts } from '../server/instance/rename-counters.ts';
import { readRoutineGrants } from '../server/privileges/read-routine-grants.ts';
import { readViewDigests } from '../server/definitions/view-digests.ts';
import { connectServer } from '../server/connect/server.ts';
import { readServerIdentity } from '../server/instance/read-server-identity.ts';
import { readLacking } from '../server/session/session.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import type { Server } from '../server/connect/server.ts';
import type { BrokenObject } from '../sql/definitions/broken-object.ts';
import { newestFirst } from '../backups/record/backup.ts';
import { describeEndpoint, isRemote } from '../server/connect/connection.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { CreatePlan, DumpTask } from './dump-plan.ts';
import { objectText } from '../sql/definitions/database-object.ts';
import { rowsInBackup } from '../sql/definitions/engines.ts';
import { DbBackupError } from '../run/errors.ts';
import { inexactWarning } from '../sql/definitions/inexact-columns.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { extensionOf } from '../compression/methods.ts';
import type { ServerIdentity } from '../server/instance/server-identity.ts';
import { assignment } from '../server/session/session-variables.ts';
import { strictWarning } from '../server/innodb/strict-mode.ts';
import type { RenameCounts } from '../server/instance/rename-verdict.ts';
import { grantsOn } from '../server/privileges/routine-grants.ts';
import type { RoutineGrant } from '../server/privileges/routine-grants.ts';
import { hasHistograms } from '../server/catalog/persistent-statistics.ts';
import type { Runtime } from '../run/runtime.ts';
import {
  readSettledFacts,
  refuseBlindness,
  refuseEndlessEvents,
  refuseMisprintedKeys,
  refuseUnreadableViews,
  refuseUnrestorable,
  unknownDatabase,
} from './refuse-incomplete.ts';
import { brokenWarnings, engineWarnings, keyWarnings, toolWarnings } from './dump-warnings.ts';

/** Everything that is known before the first byte is dumped. */
export interface PreparedDump {
  readonly plan: CreatePlan;
  /** Of what is dumped: without what is broken. */
  readonly facts: DatabaseFacts;
  readonly identity: ServerIdentity;
  /** undefined: our account may not know, or no routines are requested. */
  readonly routineGrants: readonly RoutineGrant[] | undefined;
  /** Whether the tool asks for histograms: only where there were some. */
  readonly histograms: boolean;
  /** Read before the facts: later changes show in one of the two. */
  readonly renames: RenameCounts | undefined;
  readonly tool: ClientProgram;
  /** What the tool's session must set first. */
  readonly settings: readonly string[];
  /** By name: see `readViewDigests`. */
  readonly views: ReadonlyMap<string, string>;
}

/**
 * Reads the facts of the database, and refuses if no complete backup can be made.
 *
 * @throws {DbBackupError} `not-found` with near names, `access-denied` with the GRANT, `tool-missing`, connection
 *   failures.
 */
export async function prepareDump(
  task: DumpTask,
  session: SharedSession,
  runtime: Runtime,
): Promise<PreparedDump> {
  const { connection, database, skip } = task;
  await requireCompressor(task.compression, runtime.env);
  const server = await session.open();
  if ((await readSchema(server, database)) === undefined) throw await unknownDatabase(server, database);
  const renames = await readRenameCounts(server, 'before');
  const all = await readSettledFacts(server, database, runtime.signal);
  await refuseBlindness(server, all, task);
  const skippedBroken = task.skipBroken ? await readBrokenObjects(server, all) : [];
  const facts = withoutBroken(all, skippedBroken);

  // A restore makes a complete safety backup or none: it has no options to skip things.
  const maySkip = task.label !== SAFETY_LABEL;
  refuseEndlessEvents(facts, skip, maySkip);
  await refuseUnrestorable(server, facts, skip, maySkip);
  if (!task.skipBroken) await refuseUnreadableViews(server, facts);
  const mayHaveKeys = await mayHaveForeignKeys(server, database);
  if (mayHaveKeys) await refuseMisprintedKeys(server, facts);
  const tool = await findClientProgram('dump', server.flavour, runtime.env, runtime.signal);
  const settings = await readToolSettings(connection, tool, runtime.signal);
  const identity = await readServerIdentity(server);
  const inexactColumns = await readInexactColumns(server, dumpedRows(facts), runtime.now);
  const warnings = [
    ...brokenWarnings(skippedBroken),
    ...engineWarnings(facts),
    ...toolWarnings(server, tool, facts),
    ...[inexactWarning(inexactColumns), strictWarning(facts.tables, server.flavour)].filter(
      (warning) => warning !== undefined,
    ),
    ...(mayHaveKeys ? await keyWarnings(server, facts) : []),
  ];
  if (!server.encrypted && isRemote(connection.endpoint)) {
    warnings.push(
      'The connection to the server is not encrypted; add --ssl-mode=REQUIRED to require encryption.',
    );
  }
  const histograms = await hasHistograms(server, database);
  const dataBytes = facts.tables.reduce((sum, table) => sum + table.dataBytes, 0);
  const plan: CreatePlan = {
    database,
    path: plannedPath(task),
    compression: task.compression,
    server: {
      flavour: server.flavour,
      version: server.version,
      endpoint: describeEndpoint(connection.endpoint),
      name: identity.name,
    },
    program: tool.file,
    programVersion: tool.version,
    arguments: buildDumpArgs(
      {
        database,
        serverVersion: server.version,
        settings,
        // Of each table the tool asks for its triggers, in a fifth of its time where tables are small. One that comes later
        // is a change of definitions, which is found after the dump.
        skip: { ...skip, triggers: skip.triggers || facts.triggers.length === 0 },
        history: facts.tables.some(({ kind }) => kind === 'system-versioned'),
        histograms,
        sequences: facts.tables.some(({ kind }) => kind === 'sequence'),
        without: skippedBroken.map(({ name }) => name),
      },
      tool,
    ),
    tables: facts.tables.length,
    views: facts.views.length,
    routines: skip.routines ? 0 : facts.routines.length,
    triggers: skip.triggers ? 0 : facts.triggers.length,
    events: skip.events ? 0 : facts.events.length,
    estimatedBytes: await estimateBytes(task, dataBytes),
    inexactColumns,
    skippedBroken,
    warnings,
  };
  const routineGrants = skip.routines ? undefined : await readGrantsOfRoutines(server, facts);
  const views = await readViewDigests(server, database, facts.views, [database]);
  return { plan, facts, identity, routineGrants, histograms, renames, tool, settings, views };
}

/** @returns undefined when our account may not know. */
async function readGrantsOfRoutines(
  server: Server,
  { database, routines }: DatabaseFacts,
): Promise<readonly RoutineGrant[] | undefined> {
  if (routines.length === 0) return [];
  const grants = await readRoutineGrants(server, database);
  const names = routines.map(({ type, name }) => objectText({ kind: type, name }));
  return grants && grantsOn(grants, names);
}

/**
 * What the dump tool's session must set first, because the server's default for new sessions differs.
 *
 * @throws {DbBackupError} `dump-failed` when the tool cannot be told: its dump could silently lack rows.
 */
export async function readToolSettings(
  connection: Connection,
  tool: ClientProgram,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using server = await connectServer(connection, signal, 'bare');
  const lacking = await readLacking(server, 'dump');
  if (lacking.length === 0 || tool.flavour === 'mariadb' || tool.options.has('init-command'))
    return lacking.map(assignment);
  throw new DbBackupError(
    'dump-failed',
    `The server gives new sessions ${lacking.map(({ name, why }) => `another ${name} (${why})`).join(', ')}; ${tool.program} ${tool.version} cannot set it.`,
    {
      hint: `No backup was made. Install a newer ${tool.program}, or change it on the server: ${lacking.map((variable) => `SET GLOBAL ${assignment(variable)};`).join(' ')}`,
    },
  );
}

function withoutBroken(facts: DatabaseFacts, broken: readonly BrokenObject[]): DatabaseFacts {
  if (broken.length === 0) return facts;
  const names = new Set(broken.map(({ name }) => name)); // tables and views share their names
  const leaves = (trigger: string): boolean => names.has(facts.triggerTables.get(trigger) ?? '');
  return {
    ...facts,
    tables: facts.tables.filter(({ name }) => !names.has(name)),
    views: facts.views.filter((name) => !names.has(name)),
    triggers: facts.triggers.filter((name) => !leaves(name)),
    programs: facts.programs.filter(
      ({ kind, name }) => !(kind === 'view' && names.has(name)) && !(kind === 'trigger' && leaves(name)),
    ),
  };
}

/** The tables whose rows a dump has. */
export function dumpedRows(facts: DatabaseFacts): Pick<DatabaseFacts, 'database' | 'tables'> {
  const tables = facts.tables.filter(({ engine }) => rowsInBackup(engine) !== 'none');
  return { database: facts.database, tables };
}

function plannedPath({ destination, directory, database, label, compression }: DumpTask): string {
  switch (destination.kind) {
    case 'stdout':
      return '-';
    case 'file':
      return destination.path;
    case 'directory':
      return join(databaseFolder(directory, database), `${label}_<time>${extensionOf(compression.method)}`);
  }
}

/** The expected size of the dump: the size of the data, corrected by the last backup. */
async function estimateBytes({ directory, database }: DumpTask, dataBytes: number): Promise<number> {
  const last = [...(await readBackups(directory, database))]
    .sort(newestFirst)
    .find(({ manifest }) => manifest)?.manifest;
  if (last === undefined) return dataBytes;
  if (last.dataLengthBytes === 0 || dataBytes === 0) return last.file.uncompressedBytes;
  return Math.round((dataBytes * last.file.uncompressedBytes) / last.dataLengthBytes);
}
