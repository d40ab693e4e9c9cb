import { alterDatabase } from '../../server/change/database-changes.ts';
import { readSchema } from '../../server/catalog/database-facts.ts';
import { DumpStatementError } from '../../server/connect/server-failures.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { StoredObjectKind } from '../../sql/script/load-plan.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { tableOfTrigger } from '../../sql/lexer/statement-head.ts';
import { LoadingSession } from './parallel/loading-session.ts';

/** Triggers belong to the rows, views may call functions, and events run as soon as they are there. */
const ORDER = ['trigger', 'routine', 'view', 'event'] as const satisfies readonly StoredObjectKind[];

/**
 * Makes views, routines, triggers and events in a schema, in an order that works: of views that read each other, those
 * that fail are tried again when others are there.
 *
 * @param preset What they rely on; bytes as latin1, as the programs' statements are.
 * @param asking Opened only where defaults of the schema have to be changed for a while.
 * @param otherwise What to create instead of a stored object that cannot be created, and whom to tell.
 * @throws {DbBackupError} `restore-failed`, naming the first that cannot be made; the signal's reason.
 */
export async function loadStoredObjects(
  request: {
    readonly connection: Connection;
    readonly schema: string;
    readonly preset: readonly string[];
    readonly programs: readonly SavedObject[];
    readonly otherwise?: {
      readonly of: (program: SavedObject) => SavedObject | undefined;
      readonly onMade: (program: SavedObject, error: DbBackupError) => void;
    };
  },
  asking: SharedSession,
  signal: AbortSignal,
): Promise<void> {
  const { connection, schema, preset, programs, otherwise } = request;
  if (programs.length === 0) return;
  await using session = await LoadingSession.open(connection, schema, preset, signal);
  // Some were made while the database had other defaults, which they remember. Not asked for on the connection of the
  // load: that sends bytes, and would not find a database whose name is not ASCII.
  const change = programs.some(({ settings }) => settings['database'] !== undefined);
  const defaults = change ? await readSchema(await asking.open(), schema) : undefined;
  for (const kind of ORDER) {
    let left = programs.filter((program) => program.kind === kind);
    while (left.length > 0) {
      let failed = await tryAll(session, left);
      if (failed.length === left.length || kind !== 'view') {
        const stuck = failed;
        failed = await tryOthers(session, stuck, otherwise?.of);
        for (const each of stuck) if (!failed.includes(each)) otherwise?.onMade(each.program, each.error);
        const [first] = failed;
        if (first !== undefined && (failed.length === stuck.length || kind !== 'view')) throw first.error;
      }
      left = failed.map(({ program }) => program);
    }
  }
  if (defaults !== undefined) await alterDatabase(await asking.open(), schema, defaults);
}

interface Failed {
  readonly program: SavedObject;
  readonly error: DbBackupError;
}

async function tryAll(session: LoadingSession, programs: readonly SavedObject[]): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  for (const program of programs) {
    try {
      await openTableFor(session, program);
      await session.execute(bytes(program.statement), program.settings);
    } catch (cause) {
      if (!(cause instanceof DumpStatementError)) throw cause;
      const what = program.kind === 'routine' ? program.name : `${program.kind} ${program.name}`;
      const error = new DbBackupError('restore-failed', `Loading failed at the ${what}: ${cause.message}`, {
        hint: cause.hint,
        cause,
      });
      failed.push({ program, error });
    }
  }
  return failed;
}

/**
 * Servers read what they keep of a table (partitions, expressions) in the mode of the session that opens it, and
 * stumble over quotes in it where a backslash is no escape. Once open, it stays so for the trigger.
 */
async function openTableFor(session: LoadingSession, program: SavedObject): Promise<void> {
  const { sql_mode: mode, database: _database, ...settings } = program.settings;
  if (program.kind !== 'trigger' || mode?.includes('NO_BACKSLASH_ESCAPES') !== true) return;
  const table = tableOfTrigger(bytes(program.statement))?.toString('latin1');
  if (table !== undefined) await session.execute(bytes(`SELECT 1 FROM ${table} LIMIT 0`), settings);
}

/** @returns those of which the other form cannot be made either, or that have none. */
async function tryOthers(
  session: LoadingSession,
  failed: readonly Failed[],
  otherOf: (program: SavedObject) => SavedObject | undefined = () => undefined,
): Promise<readonly Failed[]> {
  const left: Failed[] = [];
  for (const each of failed) {
    const other = otherOf(each.program);
    if (other === undefined || (await tryAll(session, [other])).length > 0) left.push(each);
  }
  return left;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
