import type { Warning } from '../run/warning.ts';
import { readPrivileges } from '../server/privileges/account-privileges.ts';
import type { Access } from '../server/privileges/account-privileges.ts';
import { readDatabaseFacts, readDatabaseNames, readSchema } from '../server/catalog/database-facts.ts';
import type { Server } from '../server/connect/server.ts';
import type { Backup } from '../backups/record/backup.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { Compression } from '../compression/methods.ts';
import type { DbBackupError } from '../run/errors.ts';
import { commandText } from '../run/further-command.ts';
import type { CommandHere } from '../run/further-command.ts';
import type { Finding } from './finding/finding.ts';
import { grantOn } from '../server/privileges/grant-statement.ts';
import { DUMP_PRIVILEGES, quoteAccount } from '../server/privileges/missing-privileges.ts';
import { examineBackups } from './checks/backups.ts';
import { examineConnection, examineLogin } from './checks/connection.ts';
import { examineDefinitions } from './checks/definitions.ts';
import { examineFolder, examineSpace } from './checks/backup-directory.ts';
import { examineLeftKeys } from './checks/left-keys.ts';
import { examineLeftovers } from './checks/leftovers.ts';
import { examineConfiguration, examineNode } from './checks/machine.ts';
import { examineDatabasePrivileges, examineServerPrivileges } from './checks/privileges.ts';
import { examinePrograms, examineToolFor } from './checks/programs.ts';
import type { FoundPrograms } from './checks/programs.ts';
import { examineLoadAccounts } from './checks/load-accounts.ts';
import { examineScratchSchemas } from './checks/scratch-schemas.ts';
import { examineServerSettings } from './checks/server-settings.ts';
import { TABLE_CHECKS } from './checks/tables.ts';
import type { DatabaseCheck, ExaminedDatabase } from './finding/examined-database.ts';
import { orProblem, problemOf } from './finding/finding-of-failure.ts';
import { readListing } from '../backups/directory/list-backups.ts';
import { unknownDatabase } from '../dump/refuse-incomplete.ts';
import type { Runtime } from '../run/runtime.ts';

export interface DoctorRequest {
  readonly connection: Connection;
  /** Absolute. */
  readonly directory: string;
  /** Empty: all that the account can see. */
  readonly databases: readonly string[];
  /** That create would use. */
  readonly compression: Compression;
  /** e.g. `20.19.2`. */
  readonly nodeVersion: string;
  /** Flags with which a further command reaches the same backup directory and server; empty by default. */
  readonly sameServer?: readonly string[];
  /** Warnings of the settings; see `resolveSettings()`. */
  readonly settings: { readonly warnings: readonly Warning[]; readonly exposedFiles: readonly string[] };
}

/**
 * Checks everything that create and restore depend on, and changes nothing. Failures become findings, and the other
 * checks still run.
 *
 * @throws the signal's reason, and bugs; nothing else.
 */
export async function examine(request: DoctorRequest, runtime: Runtime): Promise<readonly Finding[]> {
  const { connection, directory, databases, compression } = request;
  const commandHere = commandOf(request, runtime);
  let backups: readonly Backup[] = [];
  const here = [
    ...examineNode(request.nodeVersion),
    ...examineConfiguration(request.settings),
    ...(await orProblem({ check: 'folder' }, async () => {
      const listing = await readListing({ directory, databases });
      ({ backups } = listing);
      return [
        ...listing.unreadable.map(({ error }) => problemOf({ check: 'folder' }, error)),
        ...(await examineFolder({ directory, databases }, runtime)),
        ...(await examineSpace(directory, backups)),
        ...examineBackups(backups, commandHere),
      ];
    })),
    ...(await orProblem({ check: 'leftovers' }, () =>
      examineLeftovers({ directory, databases, commandHere }, runtime),
    )),
  ];
  const reached = await examineConnection(connection, runtime.signal);
  await using server = reached.server;
  const { programs, findings } = await examinePrograms({ server, backups, compression }, runtime);
  const there: Finding[] = [];
  if (server !== undefined) {
    const lost = await orProblem({ check: 'connection' }, async () => {
      for await (const found of examineServer(request, { server, programs, backups }, runtime))
        there.push(...found);
      return [];
    });
    there.push(...lost); // earlier findings are kept
  }
  return [...here, ...findings, ...reached.findings, ...there];
}

function commandOf(
  { directory, sameServer = ['--dir', directory] }: DoctorRequest,
  { program }: Runtime,
): CommandHere {
  return (command, operands, options = []) =>
    commandText(command, operands, [...options, ...sameServer], program);
}

async function* examineServer(
  request: DoctorRequest,
  found: {
    readonly server: Server;
    readonly programs: FoundPrograms;
    readonly backups: readonly Backup[];
  },
  runtime: Runtime,
): AsyncGenerator<readonly Finding[]> {
  const { connection, directory, databases } = request;
  const { server, programs, backups } = found;
  const commandHere = commandOf(request, runtime);
  yield await orProblem({ check: 'programs' }, () => examineLogin(connection, programs.load, runtime));
  yield await orProblem({ check: 'server-settings' }, () =>
    examineServerSettings({ server, backups, tool: programs.dump }),
  );
  yield await orProblem({ check: 'leftovers' }, () => examineScratchSchemas(directory, server, runtime));
  yield await orProblem({ check: 'leftovers' }, () => examineLoadAccounts(server));
  const access = await readPrivileges(server);
  yield await orProblem({ check: 'create-privileges' }, () => examineServerPrivileges(server, access));
  const names = databases.length > 0 ? databases : await readDatabaseNames(server);
  if (names.length === 0) yield [noDatabase(access.account)];
  for (const database of names) {
    runtime.onProgress({ kind: 'step', message: `Checking ${database}...` });
    yield await orProblem({ check: 'databases', database }, async () => {
      if ((await readSchema(server, database)) === undefined) return [await unseen(server, database, access)];
      const facts = await readDatabaseFacts(server, database);
      return examineDatabase({
        ...{ server, facts, ...(await readPrivileges(server, database)) },
        ...{ dumpTool: programs.dump, commandHere, now: runtime.now },
      });
    });
  }
}

const DATABASE_CHECKS: readonly DatabaseCheck[] = [
  examineDatabasePrivileges,
  examineDefinitions,
  ...TABLE_CHECKS,
  examineLeftKeys,
  examineToolFor,
];

async function examineDatabase(subject: ExaminedDatabase): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of DATABASE_CHECKS) findings.push(...(await check(subject)));
  return findings;
}

/** A database that does not exist and one that the account may not see look the same. */
async function unseen(server: Server, database: string, { account, privileges }: Access): Promise<Finding> {
  const { message, hint }: DbBackupError = await unknownDatabase(server, database);
  return {
    level: 'problem',
    check: 'databases',
    database,
    message,
    why: `It does not exist, or the account may not see it. ${hint ?? ''}`.trimEnd(),
    fix: [grantOn(privileges, DUMP_PRIVILEGES, { database, who: quoteAccount(account) })],
  };
}

function noDatabase(account: string): Finding {
  return {
    level: 'problem',
    check: 'databases',
    message: `The account ${quoteAccount(account)} cannot see any database.`,
    why: 'There is nothing to back up.',
    fix: [`GRANT ${DUMP_PRIVILEGES.join(', ')} ON *.* TO ${quoteAccount(account)};`],
  };
}
