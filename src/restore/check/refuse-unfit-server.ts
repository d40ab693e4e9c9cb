import { readPrivileges } from '../../server/privileges/account-privileges.ts';
import { kindsNamedOnce, readConstraints } from '../../server/catalog/constraints.ts';
import { readAllowedPacketBytes } from '../../server/instance/limits.ts';
import type { Server } from '../../server/connect/server.ts';
import { DbBackupError } from '../../run/errors.ts';
import { grantOn } from '../../server/privileges/grant-statement.ts';
import { missingForRestore, quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import { packetFor } from '../../server/instance/packet-size.ts';
import { shellWord } from '../../run/shell-command.ts';
import { refuseUnloadableObjects } from './refuse-unloadable-objects.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

/**
 * Refuses, before anything is touched, what would fail halfway: a missing privilege, a server that takes only
 * shorter statements than the dump's longest, a constraint whose name another table has.
 *
 * @throws {DbBackupError} `access-denied` with the GRANT; `restore-failed`.
 */
export async function refuseUnfitServer(request: {
  readonly plan: RestorePlan;
  readonly verified: VerifiedDump;
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
  await refuseUnloadableObjects({ plan, definers, account, privileges, server });
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
      `This server keeps names in lower case (lower_case_table_names=1), so ${target.database} cannot exist on it. Nothing was touched.`,
      { hint: `Use the lower-case name: --to ${shellWord(target.database.toLowerCase())}` },
    );
  }
  const table = brings.tables.find((name) => !isLower(name));
  if (table === undefined) return;
  throw new DbBackupError(
    'restore-failed',
    `This server keeps names in lower case (lower_case_table_names=1), so the table ${table} of the backup would become ${table.toLowerCase()}. Nothing was touched.`,
    {
      hint: 'Restore on a server with lower_case_table_names=0; or load the file with mysql or mariadb, which do not compare the result.',
    },
  );
}

/**
 * A table that stays keeps the names of its constraints, too. MariaDB would report that the new table already exists.
 */
async function refuseTakenNames(
  { target, brings, removes }: RestorePlan,
  { findings: { script } }: VerifiedDump,
  server: Server,
): Promise<void> {
  const leaving = new Set([...brings.tables, ...removes.tables]);
  const staying = new Set(target.holds.tables.filter((name) => !leaving.has(name)));
  if (staying.size === 0 || !isSplittable(script)) return;
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
        `The ${kind} name ${name} (of ${table}) is already used by ${other}, which stays in ${target.database}. Nothing was touched.`,
        {
          hint: `Rename the one of ${other}, or restore into another database: --to <database>`,
        },
      );
    }
  }
}

function refuseUnfitForClient({ loader }: RestorePlan, { findings }: VerifiedDump): void {
  const { unfitForClient } = findings;
  if (loader.kind !== 'client' || unfitForClient === undefined) return;
  throw new DbBackupError(
    'restore-failed',
    `The dump contains ${unfitForClient}, which the stock client cannot load, and there is no other way to load it (${loader.reason}). Nothing was touched.`,
    {
      hint: 'Recreate the dump with dbbackup, mysqldump or mariadb-dump.',
    },
  );
}

/** @throws {DbBackupError} `restore-failed` when the server takes only shorter statements than the dump's longest. */
export async function refuseLongStatements(verified: VerifiedDump, server: Server): Promise<void> {
  const allowedBytes = await readAllowedPacketBytes(server);
  const { longestStatementBytes } = verified.findings;
  if (longestStatementBytes > allowedBytes) {
    throw new DbBackupError(
      'restore-failed',
      `The dump's longest statement has ${longestStatementBytes} bytes, but the server accepts at most ${allowedBytes} (max_allowed_packet). Nothing was touched.`,
      {
        hint: `SET GLOBAL max_allowed_packet = ${packetFor(longestStatementBytes)};`,
      },
    );
  }
}
