import { readBrokenObjects } from '../../server/catalog/broken-objects.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import { readMissingAccounts, readOwnedObjects } from '../../server/privileges/object-owners.ts';
import type { OwnedObject } from '../../server/privileges/object-owners.ts';
import { missingForOrphans } from '../../server/privileges/definers.ts';
import { DbBackupError } from '../../run/errors.ts';
import { NOTHING_SKIPPED } from '../../sql/definitions/skipped-objects.ts';
import type { Finding } from '../finding/finding.ts';
import { quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { countObjects } from '../../sql/definitions/object-names.ts';
import type { ExaminedDatabase } from '../finding/examined-database.ts';
import { orProblem, problemOf } from '../finding/finding-of-failure.ts';
import {
  refuseEndlessEvents,
  refuseMisprintedKeys,
  refuseUnrestorable,
} from '../../dump/refuse-incomplete.ts';
import { objectNames } from '../../server/catalog/database-facts.ts';

const CHECK = 'definitions';

/** Views, routines, triggers and events that cannot be dumped, or would not work after a restore. */
export async function examineDefinitions(subject: ExaminedDatabase): Promise<readonly Finding[]> {
  const { facts } = subject;
  const findings = [
    ...(await examineBroken(subject)),
    ...examineEvents(facts),
    ...(await examineKinds(subject)),
    ...(await examineDefiners(subject)),
  ];
  if (findings.length > 0) return findings;
  const { database, ...holds } = { ...objectNames(facts), database: facts.database };
  const what = countObjects({ ...holds, tables: [] });
  return [
    {
      level: 'ok',
      check: CHECK,
      database,
      message: `${database} holds ${what === '' ? 'no views and stored programs' : `${what}, all sound`}.`,
    },
  ];
}

async function examineBroken({ server, facts, privileges }: ExaminedDatabase): Promise<readonly Finding[]> {
  const { database } = facts;
  // Nothing else is known about what the account may not read; missing privileges are a separate finding.
  if (!privileges.on(database, 'SELECT') || !privileges.on(database, 'SHOW VIEW')) return [];
  const broken = await readBrokenObjects(server, facts);
  return broken.map(({ kind, name, reason }) => {
    const object = `${quoteName(database)}.${quoteName(name)}`;
    return {
      level: 'problem',
      check: CHECK,
      database,
      message: `The ${kind} ${name} of ${database} is broken. ${reason}`,
      why: 'The dump tools stop at it, so no backup can be made; create and restore can skip it with --skip-broken.',
      fix:
        kind === 'view'
          ? [`SHOW CREATE VIEW ${object};`, `DROP VIEW ${object};`]
          : [`CHECK TABLE ${object};`, `REPAIR TABLE ${object};`],
    };
  });
}

function examineEvents(facts: DatabaseFacts): readonly Finding[] {
  try {
    refuseEndlessEvents(facts, NOTHING_SKIPPED, true);
    return [];
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    return [problemOf({ check: CHECK, database: facts.database }, error)];
  }
}

function examineKinds({ server, facts }: ExaminedDatabase): Promise<readonly Finding[]> {
  return orProblem({ check: CHECK, database: facts.database }, async () => {
    await refuseUnrestorable(server, facts, NOTHING_SKIPPED, true);
    await refuseMisprintedKeys(server, facts);
    return [];
  });
}

async function examineDefiners({
  server,
  facts,
  account,
  privileges,
}: ExaminedDatabase): Promise<readonly Finding[]> {
  const { database } = facts;
  const objects = await readOwnedObjects(server, database);
  const owners = [...new Set(objects.map(({ owner }) => owner))];
  const missing = await readMissingAccounts(server, owners);
  if (missing === undefined) {
    const message = `${quoteAccount(account)} may not read mysql.user, so whether the owners of stored objects (${owners.map(quoteAccount).join(', ')}) exist could not be checked.`;
    return owners.length === 0 ? [] : [{ level: 'ok', check: CHECK, database, message }];
  }
  const lacks = missingForOrphans(privileges, { flavour: server.flavour, serverVersion: server.version });
  return missing.map((owner) => ({
    level: lacks === undefined ? 'warning' : 'problem',
    check: CHECK,
    database,
    message: `The account ${quoteAccount(owner)} does not exist, but owns ${named(objects, owner)} of ${database}.`,
    why:
      lacks === undefined
        ? 'Using them fails, now and after a restore. Also grant the account what they need, or recreate them with another DEFINER.'
        : `Using them fails, and ${quoteAccount(account)} may not recreate them, so a restore would fail.`,
    fix: [
      `CREATE USER ${quoteAccount(owner)} ACCOUNT LOCK;`,
      ...(lacks === undefined ? [] : [`GRANT ${lacks} ON *.* TO ${quoteAccount(account)};`]),
    ],
  }));
}

const NAMES_SHOWN = 5;

function named(objects: readonly OwnedObject[], owner: string): string {
  const own = objects.filter((object) => object.owner === owner);
  const shown = own.slice(0, NAMES_SHOWN).map(({ kind, name }) => `${kind} ${name}`);
  const more = own.length - shown.length;
  return `the ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
