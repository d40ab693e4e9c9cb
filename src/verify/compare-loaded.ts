import { damaged } from '../backups/read/damaged.ts';
import { readDatabaseFacts } from '../server/catalog/database-facts.ts';
import type { DatabaseFacts, TableFacts } from '../server/catalog/database-facts.ts';
import { countRows } from '../server/change/scratch-schemas.ts';
import { connectServer } from '../server/connect/server.ts';
import type { Server } from '../server/connect/server.ts';
import { describeView } from '../server/definitions/show-create.ts';
import { readViewDigests } from '../server/definitions/view-digests.ts';
import type { Backup } from '../backups/record/backup.ts';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import { countObjects, isEmpty, without } from '../sql/definitions/object-names.ts';
import { type DatabaseObject, objectNamed, objectText } from '../sql/definitions/database-object.ts';
import type { ObjectNames } from '../sql/definitions/object-names.ts';
import type { SavedObject } from '../sql/script/stored-object-text.ts';
import { differingLines } from '../sql/definitions/text-difference.ts';
import { isSameVersion } from '../server/connect/version.ts';
import { warnOfExpiredEvents } from '../restore/load/expired-events.ts';
import { sameWords, wordsOfView } from '../sql/definitions/view-text.ts';
import { storedObjectDigests } from '../dump/stored-object-digests.ts';
import { KEEPS_NO_ROWS, ROOTED_ENGINE } from '../sql/definitions/engines.ts';
import { objectNames } from '../server/catalog/database-facts.ts';
import type { Runtime } from '../run/runtime.ts';

export interface LoadedBackup {
  readonly connection: Connection;
  readonly stage: string;
  readonly backup: Backup;
  /** What the dump creates, as far as it was created. */
  readonly brings: ObjectNames;
  /** Its views, as they were created. */
  readonly views: readonly Pick<SavedObject, 'name' | 'statement'>[];
  /** Of each table, how many the dump has. */
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * Compares a schema with the dump that it was filled from: names, the number of rows in each table, and, where
 * server and manifest allow it, every view, routine, trigger and event with what it was when the backup was made.
 *
 * @returns the rows of all tables.
 * @throws {DbBackupError} `restore-failed` when the server lacks what the dump has; `damaged` when the dump lacks
 *   what its manifest lists.
 */
export async function compareLoaded(
  loaded: LoadedBackup,
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<number> {
  await using server = await connectServer(loaded.connection, signal);
  const facts = await readDatabaseFacts(server, loaded.stage);
  const absent = without(loaded.brings, objectNames(facts));
  warnOfExpiredEvents(absent.events, loaded.stage, { onProgress });
  const missing = { ...absent, events: [] };
  if (!isEmpty(missing)) {
    const { tables, views, routines, triggers } = missing;
    const names = [...tables, ...views, ...routines, ...triggers];
    throw new DbBackupError(
      'restore-failed',
      `After loading, ${countObjects(missing)} of the backup are missing: ${names.slice(0, 5).join(', ')}.`,
    );
  }
  const made = loaded.brings.events.filter((name) => !absent.events.includes(name));
  refuseChangedObjects({ ...loaded, brings: { ...loaded.brings, events: made } }, facts, server);
  await refuseChangedViews(loaded, server);
  return await compareRows(loaded, facts.tables, server);
}

/** Servers of another version word the same stored object differently. */
function isOwnWords({ backup: { manifest } }: LoadedBackup, server: Server): boolean {
  const madeBy = manifest?.server;
  return madeBy?.flavour === server.flavour && isSameVersion(madeBy.version, server.version);
}

function refuseChangedObjects(loaded: LoadedBackup, facts: DatabaseFacts, server: Server): void {
  const { stage, backup, brings } = loaded;
  const { manifest, path } = backup;
  if (manifest?.programs === undefined || !isOwnWords(loaded, server)) return;
  const now = storedObjectDigests(facts.programs, [manifest.database, stage]);
  for (const [program, digest] of Object.entries(manifest.programs)) {
    if (now[program] === digest) continue;
    const { kind, name } = objectNamed(program);
    // For a view, information_schema gives another text than the one it was created with: see `refuseChangedViews`.
    if (now[program] !== undefined && kind === 'view') continue;
    if (now[program] !== undefined) throw damaged(path, `has another ${program} than the database had`);
    if (kind === 'event' && !brings.events.includes(name)) continue;
    // A text that this account may not read still exists.
    if (isThere({ kind, name }, facts)) continue;
    throw damaged(path, `lacks the ${program}, which the database had`);
  }
}

/** What a server makes of a view is what SHOW CREATE shows, not what information_schema says. */
async function refuseChangedViews(loaded: LoadedBackup, server: Server): Promise<void> {
  const { stage, backup, views } = loaded;
  const { database = '', storedObjects = [] } = backup.manifest ?? {};
  if (storedObjects.length === 0 || !isOwnWords(loaded, server)) return;
  const digests = new Map(
    storedObjects.filter(({ kind }) => kind === 'view').map(({ name, sha256 }) => [name, sha256]),
  );
  const names = views.map(({ name }) => name);
  // One that may not be shown still exists.
  const now = await readViewDigests(server, stage, names, [database, stage]);
  for (const { name, statement } of views) {
    if (!now.has(name) || !digests.has(name) || now.get(name) === digests.get(name)) continue;
    const expected = wordsOfView(Buffer.from(statement, 'latin1').toString('utf8'));
    const found = wordsOfView((await describeView(server, name)) ?? '');
    if (sameWords(expected, found))
      throw damaged(backup.path, `has another view ${name} than the database had`);
    throw new DbBackupError(
      'restore-failed',
      `After loading, the view ${name} differs from its definition in the backup:\n${differingLines(expected.join(' '), found.join(' '))}`,
    );
  }
}

function isThere(object: DatabaseObject, facts: DatabaseFacts): boolean {
  const { views, routines, triggers, events } = objectNames(facts);
  const named: Partial<Record<DatabaseObject['kind'], readonly string[]>> = {
    view: views,
    trigger: triggers,
    event: events,
  };
  return named[object.kind]?.includes(object.name) ?? routines.includes(objectText(object));
}

async function compareRows(
  { stage, rows }: LoadedBackup,
  tables: readonly TableFacts[],
  server: Server,
): Promise<number> {
  let sum = 0;
  for (const table of tables) {
    if (table.kind === 'sequence' || KEEPS_NO_ROWS.test(table.engine) || ROOTED_ENGINE.test(table.engine))
      continue;
    const expected = rows.get(table.name) ?? 0;
    const found = await countRows(server, stage, table.name, table.kind === 'system-versioned');
    if (found !== expected) {
      throw new DbBackupError(
        'restore-failed',
        `After loading, the table ${table.name} has ${found} rows; the backup has ${expected}.`,
      );
    }
    sum += found;
  }
  return sum;
}
