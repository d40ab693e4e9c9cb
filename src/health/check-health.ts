import { readDatabaseNames } from '../server/catalog/database-facts.ts';
import type { Connection } from '../server/connect/connection.ts';
import { connectServer } from '../server/connect/server.ts';
import { DbBackupError, isCancellation } from '../run/errors.ts';
import { redactError } from '../run/secret.ts';
import type { Runtime } from '../run/runtime.ts';
import { type CheckName, type Level, type Thresholds, type Verdict, worstLevel } from './check.ts';
import { CHECKS } from './checks/checks.ts';
import { hintedCommands } from './hinted-command.ts';
import { type HistoryRequest, readHistory } from './history/read-history.ts';
import { type DatabaseSummary, summarize } from './history/summary.ts';

export interface HealthRequest extends Omit<HistoryRequest, 'onServer'> {
  readonly thresholds: Thresholds;
  /** Asks this server which databases there are, and checks these. undefined: no server is asked. */
  readonly server?: Connection | undefined;
  /** Patterns of databases on it that nobody backs up. */
  readonly excludeDatabases?: readonly string[] | undefined;
  /** Flags with which a further command reaches the same backup directory and server. */
  readonly sameServer: readonly string[];
}

/** Whether backups are as they should be. */
export interface Health {
  readonly directory: string;
  /** RFC 3339, UTC. */
  readonly checkedAt: string;
  /** The worst of all. */
  readonly level: Level;
  readonly thresholds: Thresholds;
  readonly databases: readonly DatabaseSummary[];
  readonly checks: readonly Verdict[];
  /** Checks that are off, with the threshold that switches each on. */
  readonly notChecked: readonly { readonly check: CheckName; readonly threshold: keyof Thresholds }[];
}

/**
 * Checks every backup of a backup directory by its records: manifests and job files. Reads no backup file, and changes
 * nothing. Whether the server could be asked which databases there are is a check of its own.
 *
 * @throws {DbBackupError} `no-space` when the backup directory cannot be read; the signal's reason.
 */
export async function checkHealth(request: HealthRequest, runtime: Runtime): Promise<Health> {
  const { thresholds, sameServer, server } = request;
  const onServer = server && {
    databases: await databasesOn(server, runtime),
    excludes: request.excludeDatabases ?? [],
  };
  const history = await readHistory({ ...request, onServer }, runtime);
  const commandHere = hintedCommands({ directory: request.directory, sameServer }, runtime.program);
  const checks = CHECKS.flatMap(({ judge }) => judge({ history, thresholds, commandHere }));
  return {
    directory: history.directory,
    checkedAt: history.now.toISOString(),
    level: worstLevel(checks),
    thresholds,
    databases: history.databases.map((database) => summarize(database, checks, history.now)),
    checks,
    notChecked: CHECKS.flatMap(({ name, threshold }) =>
      threshold === undefined || thresholds[threshold] !== undefined ? [] : [{ check: name, threshold }],
    ),
  };
}

/** A server that is down keeps nobody from looking at what the records say. */
async function databasesOn(
  connection: Connection,
  runtime: Runtime,
): Promise<readonly string[] | DbBackupError> {
  try {
    await using server = await connectServer(connection, runtime.signal);
    return await readDatabaseNames(server);
  } catch (error) {
    if (!(error instanceof DbBackupError) || isCancellation(error)) throw error;
    redactError(error, [connection.password]);
    return error;
  }
}
