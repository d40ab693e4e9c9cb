import { kindsNamedOnce, readConstraints } from '../adapters/constraint-names.ts';
import { readDatabaseFacts, readPrivileges, readSchema } from '../adapters/database-facts.ts';
import { readAllowedPacketBytes } from '../adapters/server-limits.ts';
import { connectServer } from '../adapters/server.ts';
import type { Server } from '../adapters/server.ts';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { missingForRestore, quoteAccount } from '../model/grants.ts';
import { isScripted } from '../model/load-script.ts';
import { quoteName } from '../model/names.ts';
import { isEmpty } from '../model/object-names.ts';
import type { RestorePlan } from '../model/restore-plan.ts';
import { packetFor } from '../model/server-limits.ts';
import { refuseUnloadablePrograms } from './refuse-unloadable-programs.ts';
import { objectNames } from './restore-plan.ts';
import type { Runtime } from './runtime.ts';
import type { Verified } from './verify.ts';

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
  const { account, privileges } = await readPrivileges(server);
  const missing = missingForRestore(privileges, plan);
  if (missing.length > 0) {
    const who = quoteAccount(account);
    throw new DbBackupError(
      'access-denied',
      `The account ${who} may not restore ${database}: it lacks ${missing.join(', ')}. Nothing was touched.`,
      {
        hint: `GRANT ${missing.join(', ')} ON ${quoteName(database)}.* TO ${who};`,
      },
    );
  }
  const { definers } = verified.findings;
  await refuseUnloadablePrograms({ plan, definers, account, privileges, server });
  await refuseLongStatements(verified, server);
  refuseUnfitForClient(plan, verified);
  await refuseTakenNames(plan, verified, server);
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
    `The dump holds ${unfitForClient}, over which the stock client stumbles, and it can be loaded in no other way (${loader.reason}). Nothing was touched.`,
    {
      hint: 'Make the dump again with dbbackup, mysqldump or mariadb-dump, which write \\n and \\0 instead.',
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
