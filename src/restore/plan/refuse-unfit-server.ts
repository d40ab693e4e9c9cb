import { readPrivileges } from '../../server/privileges/account-privileges.ts';
import { readForeignReferences } from '../../server/catalog/incoming-foreign-keys.ts';
import { kindsNamedOnce, readConstraints } from '../../server/catalog/constraints.ts';
import { readDatabaseFacts, readSchema } from '../../server/catalog/database-facts.ts';
import { readAllowedPacketBytes } from '../../server/instance/limits.ts';
import { connectServer } from '../../server/connect/server.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { grantOn } from '../../server/privileges/grant-statement.ts';
import { missingForRestore, quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { isScripted } from '../../sql/script/load-script.ts';
import { countObjects, isEmpty, without } from '../../sql/definitions/object-names.ts';
import type { ObjectNames, RestorePlan } from './restore-plan.ts';
import { packetFor } from '../../server/instance/packet-size.ts';
import { shellWord } from '../../run/shell-command.ts';
import { refuseUnloadablePrograms } from './refuse-unloadable-programs.ts';
import { objectNames } from './make-plan.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { Verified } from '../../backups/read/verify-file.ts';

/**
 * Refuses, before anything is touched, what would fail half-way: a missing privilege, a server that takes only
 * shorter statements than the dump's longest, a constraint whose name another table has.
 *
 * @throws {DbBackupError} `access-denied` with the GRANT; `restore-failed`.
 */
export async function refuseUnfitServer(request: {
  readonly plan: RestorePlan;
  readonly verified: Verified;
  readonly server: Server;
}): Promise<void> {
  const { plan, verified, server } = request;
  const { database } = plan.target;
  const { account, privileges } = await readPrivileges(server, database);
  const missing = missingForRestore(privileges, plan);
  if (missing.length > 0) {
    const who = quoteAccount(account);
    throw new DbBackupError(
      'access-denied',
      `The account ${who} may not restore ${database}: it lacks ${missing.join(', ')}. Nothing was touched.`,
      {
        hint: grantOn(privileges, missing, { database, who }),
      },
    );
  }
  await refuseCapitals(plan, server);
  const { definers } = verified.findings;
  await refuseUnloadablePrograms({ plan, definers, account, privileges, server });
  await refuseLongStatements(verified, server);
  refuseUnfitForClient(plan, verified);
  await refuseTakenNames(plan, verified, server);
}

/** A server that keeps all names in lower case makes other tables than the backup names, and another database. */
async function refuseCapitals({ target, brings }: RestorePlan, server: Server): Promise<void> {
  const [row] = await server.query('SELECT @@lower_case_table_names AS setting');
  if (Number(row?.['setting']) !== 1) return;
  const isLower = (name: string): boolean => name === name.toLowerCase();
  if (!isLower(target.database)) {
    throw new DbBackupError(
      'usage',
      `This server keeps names in lower case (lower_case_table_names=1), so there can be no ${target.database} on it. Nothing was touched.`,
      { hint: `Restore into that name: --to ${shellWord(target.database.toLowerCase())}` },
    );
  }
  const table = brings.tables.find((name) => !isLower(name));
  if (table === undefined) return;
  throw new DbBackupError(
    'restore-failed',
    `This server keeps names in lower case (lower_case_table_names=1); the table ${table} of the backup would be another one, ${table.toLowerCase()}. Nothing was touched.`,
    {
      hint: 'Restore on a server with lower_case_table_names=0; or load the file with mysql or mariadb, which compare nothing.',
    },
  );
}

/** A table that stays keeps the names of its constraints, too. MariaDB would say that the new table already exists. */
async function refuseTakenNames(
  { target, brings, removes }: RestorePlan,
  { findings: { script } }: Verified,
  server: Server,
): Promise<void> {
  const leaving = new Set([...brings.tables, ...removes.tables]);
  const staying = new Set(target.holds.tables.filter((name) => !leaving.has(name)));
  if (staying.size === 0 || !isScripted(script)) return;
  const taken = new Map(
    (await readConstraints(server, target.database))
      .filter(({ table }) => staying.has(table))
      .map(({ name, kind, table }) => [`${kind} ${name.toLowerCase()}`, table]),
  );
  const kinds = new Set(kindsNamedOnce(server));
  for (const { name: table, constraints } of script.tables) {
    for (const { name, kind } of constraints) {
      const other = taken.get(`${kind} ${name.toLowerCase()}`);
      if (other === undefined || !kinds.has(kind)) continue;
      throw new DbBackupError(
        'restore-failed',
        `The name of the ${kind} ${name} of ${table} is taken: ${other}, which stays in ${target.database}, has one of that name. Nothing was touched.`,
        {
          hint: `Give that of ${other} another name, or restore into another database: --to <database>`,
        },
      );
    }
  }
}

function refuseUnfitForClient({ loader }: RestorePlan, { findings }: Verified): void {
  const { unfitForClient } = findings;
  if (loader.kind !== 'client' || unfitForClient === undefined) return;
  throw new DbBackupError(
    'restore-failed',
    `The dump contains ${unfitForClient}, which the stock client cannot load, and it can be loaded in no other way (${loader.reason}). Nothing was touched.`,
    {
      hint: 'Make the dump again with dbbackup, mysqldump or mariadb-dump.',
    },
  );
}

/** @throws {DbBackupError} `restore-failed` when the server takes only shorter statements than the dump's longest. */
export async function refuseLongStatements(verified: Verified, server: Server): Promise<void> {
  const allowedBytes = await readAllowedPacketBytes(server);
  const { longestStatementBytes } = verified.findings;
  if (longestStatementBytes > allowedBytes) {
    throw new DbBackupError(
      'restore-failed',
      `The dump's longest statement has ${longestStatementBytes} bytes; the server takes ${allowedBytes} at most (max_allowed_packet). Nothing was touched.`,
      {
        hint: `SET GLOBAL max_allowed_packet = ${packetFor(longestStatementBytes)};`,
      },
    );
  }
}

/**
 * Refuses a target that was empty when the plan was made and is no longer, with the lock held: nobody has confirmed
 * that what came meanwhile may go, and no safety backup would be made of it.
 *
 * @throws {DbBackupError} `not-confirmed`.
 */
export async function refuseFilledTarget(
  { target, safetyBackup }: RestorePlan,
  connection: Connection,
  { signal }: Pick<Runtime, 'signal'>,
): Promise<void> {
  if (safetyBackup !== 'not-needed') return;
  const { database } = target;
  await using server = await connectServer(connection, signal);
  if ((await readSchema(server, database)) === undefined) return;
  if (isEmpty(objectNames(await readDatabaseFacts(server, database)))) return;
  throw new DbBackupError(
    'not-confirmed',
    `${database} was empty when the plan was made, and is not any more. Nothing was touched.`,
    { hint: 'Look at what it holds now; to replace it, run the restore again.' },
  );
}

/**
 * Refuses to remove what has come into the target since the plan was made: nobody has confirmed that it may go, and the
 * safety backup may not have it.
 *
 * @param goes What is about to leave the target, as it is now.
 * @throws {DbBackupError} `restore-failed`, naming it.
 */
export function refuseNewcomers({ target }: RestorePlan, goes: ObjectNames): void {
  const newcomers = without(goes, target.holds);
  if (isEmpty(newcomers)) return;
  const names = Object.values(newcomers).flat() as string[];
  throw new DbBackupError(
    'restore-failed',
    `Since the plan was made, others have put ${countObjects(newcomers)} into ${target.database}, which would be lost: ${names.slice(0, 5).join(', ')}.`,
    { hint: 'To replace that, too, run the restore again; or restore into another database with --to.' },
  );
}

/**
 * Refuses to move a table away to which a foreign key has come since the plan was made: it would follow the old table.
 *
 * @throws {DbBackupError} `restore-failed`, naming both.
 */
export async function refuseNewReferences(request: {
  readonly server: Server;
  readonly target: string;
  readonly leaving: readonly string[];
  /** Tables of the target that stay. */
  readonly stays: readonly string[];
  /** The schema whose tables come into the target's. */
  readonly scratch: string;
}): Promise<void> {
  const { server, target, leaving, stays, scratch } = request;
  if (leaving.length === 0) return; // servers open every table that they have to answer
  const [reference] = (await readForeignReferences(server, target, stays)).filter(
    ({ fromDatabase }) => fromDatabase !== scratch,
  );
  if (reference === undefined) return;
  const { fromDatabase, fromTable, table } = reference;
  throw new DbBackupError(
    'restore-failed',
    `Since the plan was made, ${fromDatabase}.${fromTable}, which stays as it is, has got a foreign key to ${table}.`,
    { hint: 'Run the restore again: its plan says how it goes with that.' },
  );
}
