import { pause } from '../run/pause.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { DbBackupError } from '../run/errors.ts';
import { shellWord } from '../run/shell-command.ts';
import { nearNames } from '../run/similar-names.ts';
import {
  type DatabaseFacts,
  readDatabaseFacts,
  objectNames,
  readDatabaseNames,
} from '../server/catalog/database-facts.ts';
import { isAmongRoutines, refusedText } from '../server/catalog/object-kinds.ts';
import { readRefusedObjects } from '../server/catalog/refused-objects.ts';
import { readUnreadableViews } from '../server/catalog/unreadable-views.ts';
import type { Server } from '../server/connect/server.ts';
import { readMisprintedKeys } from '../server/definitions/misprinted-keys.ts';
import { readPrivileges } from '../server/privileges/account-privileges.ts';
import { grantOn } from '../server/privileges/grant-statement.ts';
import {
  DUMP_PRIVILEGES,
  quoteAccount,
  missingForDump,
  type DumpNeeds,
} from '../server/privileges/missing-privileges.ts';
import { repairHint } from '../sql/definitions/broken-object.ts';
import { isEmpty } from '../sql/definitions/object-names.ts';
import { quoteName } from '../sql/definitions/quote-name.ts';
import type { DumpTask } from './dump-plan.ts';

export const SETTLE_TRIES = 5;

/**
 * The facts by which a change during the dump can be detected reliably: read again a moment later if a table was
 * changed just now.
 *
 * @throws {DbBackupError} `dump-failed` when tables keep changing.
 */
export async function readSettledFacts(
  server: Server,
  database: string,
  signal: AbortSignal,
): Promise<DatabaseFacts> {
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    const facts = await readDatabaseFacts(server, database);
    if (facts.settlesInMs === 0) return facts;
    await pause(facts.settlesInMs, signal);
  }
  throw new DbBackupError(
    'dump-failed',
    `A definition in ${database} changed repeatedly while it was being read: a migration seems to be running.`,
    { hint: 'No backup was made. Try again when no migration is running.' },
  );
}

/** What an account may not see is missing from every answer, so a backup of what it sees could be incomplete. */
export async function refuseBlindness(server: Server, facts: DatabaseFacts, task: DumpTask): Promise<void> {
  const { database, skip } = task;
  const { account, privileges } = await readPrivileges(server, database, DUMP_PRIVILEGES);
  const who = quoteAccount(account);
  const blind = !privileges.on(database, 'SELECT');
  // Without the right to read its tables, a database with routines only looks like one whose tables are hidden.
  const empty = facts.tables.length + facts.views.length === 0 && (blind || isEmpty(objectNames(facts)));
  const accepted = task.allowEmpty === 'if-readable' ? !blind : task.allowEmpty;
  if (empty && !accepted) {
    throw new DbBackupError('access-denied', `The account ${who} cannot see any table in ${database}.`, {
      hint: blind
        ? grantOn(privileges, DUMP_PRIVILEGES, { database, who })
        : `It may read all of ${database}, which is empty. If that is expected, add --allow-empty.`,
    });
  }
  const missing = missingForDump(privileges, dumpNeeds(server, facts, account, skip));
  const [first] = missing;
  if (first === undefined) return;
  // A restore makes a complete safety backup or none: it has no such options.
  const options = task.label === SAFETY_LABEL ? [] : missing.flatMap(({ option }) => option ?? []);
  throw new DbBackupError(
    'access-denied',
    `The account ${who} ${missing.map(({ problem }) => problem).join('; and it ')}. The backup would be incomplete.`,
    {
      hint: `${missing.map(({ grant }) => grant).join(' ')}${options.length === missing.length ? ` Or skip them: ${options.join(' ')}` : ''}`,
    },
  );
}

/** The privileges that a backup of everything not skipped needs. */
export function dumpNeeds(
  server: Server,
  facts: DatabaseFacts,
  account: string,
  skip: DumpTask['skip'],
): DumpNeeds {
  return {
    database: facts.database,
    flavour: server.flavour,
    serverVersion: server.version,
    account,
    tables: facts.tables.map(({ name }) => name),
    views: facts.views,
    routines: facts.routines,
    unreadableTriggers: facts.unreadableTriggers,
    skip,
  };
}

/** Seen with mysqldump 9.7 and mariadb-dump 10.11 and 11.8: they loop forever at full load. */
export function refuseEndlessEvents(
  { undumpableEvents }: DatabaseFacts,
  skip: DumpTask['skip'],
  maySkip: boolean,
): void {
  if (skip.events || undumpableEvents.length === 0) return;
  throw new DbBackupError(
    'dump-failed',
    `The body of the event ${undumpableEvents.join(', ')} contains ';;', which makes the dump tools hang.`,
    {
      hint: `No backup was made. Remove the double semicolon (ALTER EVENT)${maySkip ? ', or skip events: --skip-events' : ''}.`,
    },
  );
}

/** What the dump would contain, if at all, in a form that a restore refuses. See `OBJECT_KINDS`. */
export async function refuseUnrestorable(
  server: Server,
  { database, views }: DatabaseFacts,
  skip: DumpTask['skip'],
  maySkip: boolean,
): Promise<void> {
  const objects = await readRefusedObjects(server, database, views);
  const left = skip.routines ? objects.filter((object) => !isAmongRoutines(object)) : objects;
  if (left.length === 0) return;
  const option =
    maySkip && left.every(isAmongRoutines) ? ' Skip routines and libraries with --skip-routines, or' : '';
  throw new DbBackupError(
    'dump-failed',
    `${database} contains objects that dbbackup cannot restore: ${refusedText(left)}.`,
    {
      hint: `No backup was made.${option || ' To back it up,'} use mysqldump, whose dump the mysql client loads.`,
    },
  );
}

/** The dump tool writes them all the same, and no server takes what it writes. */
export async function refuseUnreadableViews(server: Server, facts: DatabaseFacts): Promise<void> {
  const broken = await readUnreadableViews(server, facts);
  if (broken.length === 0) return;
  throw new DbBackupError('dump-failed', `${facts.database} holds views that the server cannot read.`, {
    hint: repairHint(broken),
  });
}

/** A dump with such a key cannot be parsed; two of them can hide each other from the check of the dump. */
export async function refuseMisprintedKeys(
  server: Server,
  { database, tables }: DatabaseFacts,
): Promise<void> {
  const keys = tables.length === 0 ? [] : await readMisprintedKeys(server, database);
  const [first] = keys;
  if (first === undefined) return;
  const named = keys.map(({ table, name }) => `${name} of ${table}`).join(', ');
  const table = `${quoteName(database)}.${quoteName(first.table)}`;
  throw new DbBackupError(
    'dump-failed',
    `The server (${server.version}) prints foreign keys with a backtick in a name in a way that no server can parse: ${named}.`,
    {
      hint: `No backup was made. Give the keys, or their columns, names without a backtick (SHOW CREATE TABLE ${table}), or upgrade the server: MariaDB 11.8 prints them correctly.`,
    },
  );
}

/** The failure that names near databases, or those that the account sees. */
export async function unknownDatabase(server: Server, database: string): Promise<DbBackupError> {
  const names = await readDatabaseNames(server);
  const near = nearNames(database, names);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map(shellWord).join(' or ')}?`
      : names.length > 0
        ? `The account can see: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}.`
        : 'The account cannot see any database: it needs a GRANT.';
  return new DbBackupError('not-found', `There is no database ${database} on this server.`, { hint });
}
