import { readOwners } from '../../server/privileges/object-owners.ts';
import { readRenameCounts } from '../../server/instance/rename-counters.ts';
import type { Server } from '../../server/connect/server.ts';
import { NOTHING_SKIPPED } from '../../sql/definitions/skipped-objects.ts';
import type { Finding } from '../finding/finding.ts';
import { grantOn } from '../../server/privileges/grant-statement.ts';
import {
  grantForStaging,
  missingForDump,
  missingForRestore,
  missingForStaging,
  quoteAccount,
} from '../../server/privileges/missing-privileges.ts';
import type { ExaminedDatabase } from '../finding/examined-database.ts';
import { dumpNeeds } from '../../dump/refuse-incomplete.ts';
import { findUnloadableObjects } from '../../restore/check/refuse-unloadable-objects.ts';
import { objectNames } from '../../server/catalog/database-facts.ts';

/**
 * What the account lacks for a backup of a database and for a restore of that backup, each with the GRANT. Problems
 * in what it may not see are found only once it may.
 */
export async function examineDatabasePrivileges(subject: ExaminedDatabase): Promise<readonly Finding[]> {
  const { facts, account, privileges } = subject;
  const { database } = facts;
  const who = quoteAccount(account);
  const create = examineCreate(subject);
  const restore = await examineRestore(subject);
  const staging = missingForStaging(privileges, objectNames(facts));
  const fine = (check: Finding['check'], message: string): Finding[] => [
    { level: 'ok', check, database, message },
  ];
  return [
    ...(create.length > 0 ? create : fine('create-privileges', `${who} may back up all of ${database}.`)),
    ...(restore.length > 0 ? restore : fine('restore-privileges', `${who} may restore ${database}.`)),
    ...(staging.length > 0
      ? [swapFinding(subject, staging)]
      : fine('swap-privileges', `${who} may restore ${database} through a staging schema.`)),
  ];
}

function examineCreate({ server, facts, account, privileges }: ExaminedDatabase): readonly Finding[] {
  const missing = missingForDump(privileges, dumpNeeds(server, facts, account, NOTHING_SKIPPED));
  return missing.map(({ problem, grant, option }) => ({
    level: 'problem',
    check: 'create-privileges',
    database: facts.database,
    message: `The account ${quoteAccount(account)} ${problem}.`,
    why: `A backup would be incomplete, so create refuses to make it${option === undefined ? '' : ` without ${option}`}.`,
    fix: [grant],
  }));
}

async function examineRestore({
  server,
  facts,
  account,
  privileges,
}: ExaminedDatabase): Promise<readonly Finding[]> {
  const { database } = facts;
  const who = quoteAccount(account);
  const brings = objectNames(facts);
  const lacks = missingForRestore(privileges, {
    brings,
    target: { database, holds: brings },
    createsDatabase: false,
  });
  const owners = await readOwners(server, database);
  const unloadable = await findUnloadableObjects({
    brings,
    definers: owners,
    owners,
    account,
    privileges,
    server,
  });
  const finding = { level: 'problem', check: 'restore-privileges', database } as const;
  return [
    ...(lacks.length === 0
      ? []
      : [
          {
            ...finding,
            message: `The account ${who} may not restore ${database}: it lacks ${lacks.join(', ')}.`,
            why: 'A restore with this account is refused before it starts. Backups do not need this.',
            fix: [grantOn(privileges, lacks, { database, who })],
          },
        ]),
    ...unloadable.map(({ problem, remedy }) => ({
      ...finding,
      message: `The account ${who} may not restore ${database}: it ${problem}.`,
      why: 'The server would refuse this halfway, so a restore with this account is refused before it starts.',
      fix: [remedy],
    })),
  ];
}

function swapFinding({ facts, account, privileges }: ExaminedDatabase, missing: readonly string[]): Finding {
  return {
    level: 'warning',
    check: 'swap-privileges',
    database: facts.database,
    message: `The account ${quoteAccount(account)} may not restore ${facts.database} through a staging schema: on dbbackup_% it lacks ${missing.join(', ')}.`,
    why: 'A restore would run in place: other sessions see tables disappear and reappear, and a failed restore leaves them partly filled.',
    fix: [grantForStaging(privileges, missing, account)],
  };
}

/** Checks that do not belong to one database. */
export async function examineServerPrivileges(
  server: Server,
  { account }: { readonly account: string },
): Promise<readonly Finding[]> {
  const renames = await readRenameCounts(server, 'before');
  if (renames === undefined || renames.seen !== undefined) return [];
  return [
    {
      level: 'warning',
      check: 'create-privileges',
      message: `The account ${quoteAccount(account)} cannot see which tables are renamed.`,
      why: "A backup fails when any table on the server is renamed during the dump, because it might be one of the database's own.",
      fix: [`GRANT SELECT ON performance_schema.* TO ${quoteAccount(account)};`],
    },
  ];
}
