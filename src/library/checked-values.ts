import { availableParallelism } from 'node:os';
import { resolve } from 'path/posix';
import type { Destination } from '../backups/record/destination.ts';
import { type Compression, compressionText } from '../compression/methods.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import type { Connection } from '../server/connect/connection.ts';
import { sameServer } from '../server/connect/same-server.ts';
import { type FlagValues, SETTINGS } from '../settings/table/settings-table.ts';
import { parseJobs } from '../settings/values/connections.ts';
import { refuseNonName } from '../settings/values/database-names.ts';
import type { CreateBackupRequest, Flags } from './requests.ts';

export function databaseOf({
  database,
  connection,
}: Pick<CreateBackupRequest, 'database' | 'connection'>): string {
  const name = database ?? connection.database;
  if (name === undefined) {
    throw new DbBackupError('usage', 'No database given.', {
      hint: "Pass `database` to createBackup(), or name it in the connection's URL.",
    });
  }
  refuseNonName(name, 'database');
  return name;
}

/** Only an untyped program passes anything else. */
export function checked(connection: Connection): Connection {
  const given: unknown = connection;
  if (typeof given === 'object' && given !== null && 'endpoint' in given) return connection;
  throw new DbBackupError('usage', '`connection` is missing or is not a connection.', {
    hint: "It comes from resolveSettings():\nconst { connection } = await resolveSettings({ url: 'mysql://…' });",
  });
}

export function absoluteDirectory(directory: string, cwd: string): string {
  const given: unknown = directory;
  if (typeof given === 'string' && given !== '') return resolve(cwd, given);
  throw new DbBackupError('usage', '`directory` is missing or empty.', {
    hint: 'Pass the path of the backup directory.',
  });
}

/** @throws {DbBackupError} `usage` for a name that is none: without it another server would be taken. */
export function flagValues(flags: Flags): FlagValues {
  const known = new Map(SETTINGS.map((row) => [row.key as string, row]));
  const values = Object.entries(defined(flags)).map(([key, value]) => {
    if (!known.has(key)) {
      throw new DbBackupError('usage', `resolveSettings() knows no setting "${key}".`, {
        hint: 'Settings have the names of the command-line flags, such as host, port, user and password-file.',
      });
    }
    return [key, typeof value === 'number' ? String(value) : value] as const;
  });
  return Object.fromEntries(values);
}

export function refuseToAsk(): Promise<string> {
  return Promise.reject(
    new DbBackupError('usage', 'The settings require a password prompt, and there is no way to prompt.', {
      hint: 'Pass `askPassword` to resolveSettings(), or set DBBACKUP_PASSWORD_FILE.',
    }),
  );
}

/** As it would be given on the command line. */
export function given(source: string, text: string): { text: string; source: string; isFlag: true } {
  return { text, source, isFlag: true };
}

export function asText(compression: Compression | string): string {
  return typeof compression === 'string' ? compression : compressionText(compression);
}

/** @throws {DbBackupError} `usage`. */
export function keepOldOf(durationMs: number | undefined): number | undefined {
  if (durationMs === undefined || (Number.isSafeInteger(durationMs) && durationMs >= 0)) return durationMs;
  throw new DbBackupError('usage', `keepOldMs is ${String(durationMs)}; it takes whole milliseconds.`);
}

export function connectionsOf(connections: number | undefined): number {
  const jobs = connections === undefined ? undefined : given('connections', String(connections));
  return parseJobs(jobs, availableParallelism());
}

/** The backup directory is part of the undo command, wherever the rest of it comes from. */
export function sameServerOf(
  asked: readonly string[] | undefined,
  connection: Connection,
  directory: string,
): readonly string[] {
  const server = asked ?? sameServer(connection, {}, []);
  return server.includes('--dir') ? server : ['--dir', directory, ...server];
}

export function absolute(destination: Destination, { cwd }: Runtime): Destination {
  return destination.kind === 'file' ? { kind: 'file', path: resolve(cwd, destination.path) } : destination;
}

/** A property that is undefined counts as left out. */
export function defined<T extends object>(
  values: T,
): {
  [P in keyof T]?: Exclude<T[P], undefined>;
} {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [P in keyof T]?: Exclude<T[P], undefined>;
  };
}
