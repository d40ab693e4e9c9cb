import { readTableNames } from '../adapters/scratch-schemas.ts';
import { connectServer } from '../adapters/server.ts';
import type { Server } from '../adapters/server.ts';
import type { Connection } from '../model/connection.ts';
import { sameDefinition, hasEngineOf, withoutConstraintNames } from '../model/definition.ts';
import { DbBackupError } from '../model/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import { quoteName } from '../model/names.ts';
import { isSameVersion } from '../model/version.ts';
import type { Runtime } from './runtime.ts';

/** How much of a definition a message shows. */
const SHOWN_CHARACTERS = 2_000;
const REFERENCE_TABLE = 'dbbackup_reference';
/** Others than the servers' own dump tools write it without quotes, or with more words. */
const TABLE_NAME =
  /^CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:`(?:[^`]|``)*`|[^\s(`]+)/i;

/**
 * Compares what was loaded with the dump: every table is there, and the server describes it in the dump's own words.
 *
 * A server of another version puts the same table in other words. There each table is compared with one that is made
 * by the dump's own text, and its engine with the one that the text names.
 *
 * @throws {DbBackupError} `restore-failed`, with both texts.
 */
export async function checkStaging(
  request: {
    readonly connection: Connection;
    readonly stage: string;
    readonly target: string;
    readonly tables: readonly string[];
    /** The dump's own CREATE TABLE, where it tells the whole table. */
    readonly definitions: ReadonlyMap<string, Buffer>;
    /** Of the dump; undefined for a foreign one. */
    readonly madeBy: Manifest['server'] | undefined;
  },
  { signal }: Pick<Runtime, 'signal'>,
): Promise<void> {
  const { connection, stage, target, tables, definitions, madeBy } = request;
  await using server = await connectServer(connection, signal);
  const there = await readTableNames(server, stage);
  const missing = tables.filter((name) => !there.has(name));
  if (missing.length > 0) {
    throw new DbBackupError(
      'restore-failed',
      `After loading, ${missing.length} ${missing.length === 1 ? 'table' : 'tables'} of the backup are missing: ${missing.slice(0, 5).join(', ')}.`,
    );
  }
  const compared = { schema: stage, target, definitions, madeBy, mayMakeTables: true };
  for await (const { name, expected, found } of differences(compared, server)) {
    throw new DbBackupError('restore-failed', differenceText(name, expected, found), {
      hint: 'If you can do with the difference, restore with --in-place, where a difference is a warning.',
    });
  }
}

/**
 * The same comparison for a target that was restored in place: its tables are the user's now, so a difference is no
 * failure but told. What another version of the server would put in other words is not compared.
 */
export async function warnOfDifferences(
  request: Omit<Comparison, 'mayMakeTables' | 'target'> & { readonly connection: Connection },
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<void> {
  const { connection, schema } = request;
  await using server = await connectServer(connection, signal);
  const compared = { ...request, target: schema, mayMakeTables: false };
  for await (const { name, expected, found } of differences(compared, server))
    onProgress({ kind: 'warning', message: differenceText(name, expected, found) });
}

interface Comparison {
  /** Where the tables are. */
  readonly schema: string;
  readonly target: string;
  /** The dump's own CREATE TABLE, where it tells the whole table. */
  readonly definitions: ReadonlyMap<string, Buffer>;
  /** Of the dump; undefined for a foreign one. */
  readonly madeBy: Manifest['server'] | undefined;
  /** Whether a table may be made in the schema and dropped again. */
  readonly mayMakeTables: boolean;
}

async function* differences(
  { schema, target, definitions, madeBy, mayMakeTables }: Comparison,
  server: Server,
): AsyncGenerator<{ readonly name: string; readonly expected: string; readonly found: string }> {
  const ownWords = madeBy?.flavour === server.flavour && isSameVersion(madeBy.version, server.version);
  if (!ownWords && !mayMakeTables) return;
  // As dump tools read definitions: whatever the server's own mode is.
  await server.query("SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00'");
  await server.query(`USE ${quoteName(schema)}`);
  for (const [name, text] of definitions) {
    const expected = text.toString('utf8');
    const said = await show(server, name, expected.startsWith('CREATE SEQUENCE') ? 'SEQUENCE' : 'TABLE');
    // Of single tables: what they refer to stands in the target, as they will.
    const found = said.replaceAll(`REFERENCES ${quoteName(target)}.`, 'REFERENCES ');
    if (sameDefinition(found, expected)) continue;
    if (!ownWords && hasEngineOf(found, expected) && (await readsAs(server, name, expected, found))) continue;
    yield { name, expected, found };
  }
}

function differenceText(name: string, expected: string, found: string): string {
  return `After loading, the table ${name} is not as the backup defines it. The backup says:\n${shown(expected)}\nThe server says:\n${shown(found)}`;
}

async function show(server: Server, name: string, kind: 'TABLE' | 'SEQUENCE'): Promise<string> {
  const [row] = await server.query(`SHOW CREATE ${kind} ${quoteName(name)}`);
  return String(row?.['Create Table']);
}

/** Whether this server puts an empty table of the dump's text in the words that it found. */
async function readsAs(server: Server, name: string, definition: string, found: string): Promise<boolean> {
  const reference = quoteName(REFERENCE_TABLE);
  const text = definition.replace(TABLE_NAME, `CREATE TABLE ${reference}`);
  await server.query('SET SESSION foreign_key_checks = 0');
  try {
    await server.query(withoutConstraintNames(text));
    const read = (await show(server, REFERENCE_TABLE, 'TABLE')).replace(reference, quoteName(name));
    return sameDefinition(withoutConstraintNames(read), withoutConstraintNames(found));
  } catch {
    return false; // then the difference is told
  } finally {
    await server.query(`DROP TABLE IF EXISTS ${reference}`);
  }
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
