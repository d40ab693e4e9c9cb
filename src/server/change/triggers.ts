import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';
import type { Row, Server } from '../connect/server.ts';

/** The triggers of these tables, as they can be made again. */
export async function readTriggers(
  server: Server,
  database: string,
  tables: readonly string[],
): Promise<readonly SavedObject[]> {
  const rows = await server.query(
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS table_name FROM information_schema.TRIGGERS
      WHERE EVENT_OBJECT_SCHEMA = ? ORDER BY EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING, ACTION_ORDER`,
    [database],
  );
  const [schema] = await server.query(
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  );
  const triggers: SavedObject[] = [];
  for (const { name, table_name: table } of rows) {
    if (!tables.includes(String(table))) continue;
    const [row] = await server.query(`SHOW CREATE TRIGGER ${quoteName(database)}.${quoteName(String(name))}`);
    const text = String(row?.['SQL Original Statement'] ?? '');
    const collation = String(schema?.['collation']);
    triggers.push({ kind: 'trigger', name: String(name), ...savedText(row ?? {}, text, collation) });
  }
  return triggers;
}

/**
 * How a stored object is made again.
 *
 * @param row What SHOW CREATE says of the session that made it.
 * @param databaseCollation The default of its database now.
 */
export function savedText(
  row: Row,
  statement: string,
  databaseCollation: string,
): Pick<SavedObject, 'settings' | 'statement'> {
  const said = (column: string): string => String(row[column] ?? '');
  const charset = said('character_set_client');
  const collation = said('Database Collation');
  return {
    settings: {
      ...(collation === '' || collation === databaseCollation ? {} : { database: `COLLATE ${collation}` }),
      sql_mode: `'${said('sql_mode')}'`,
      character_set_client: isTextCharset(charset) ? charset : 'utf8mb4',
      collation_connection: said('collation_connection'),
    },
    // In bytes of the charset that the session will have: ASCII is the same in all of them.
    statement: charset === 'latin1' ? cp1252Bytes(statement) : utf8Bytes(statement),
  };
}

function isTextCharset(charset: string): boolean {
  return /^(?:utf8|utf8mb3|utf8mb4|latin1|ascii)$/.test(charset);
}

/** What the servers call latin1: Windows' code page, with the euro sign and others where latin1 has control codes. */
const CP1252 = new Map(
  Array.from(
    new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index)),
    (character, index) => [character, String.fromCharCode(0x80 + index)] as const,
  ),
);

function cp1252Bytes(text: string): string {
  return Array.from(text, (character) => CP1252.get(character) ?? character).join('');
}

function utf8Bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export async function dropTriggers(server: Server, schema: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await server.query(`DROP TRIGGER IF EXISTS ${quoteName(schema)}.${quoteName(name)}`);
}

export async function readTriggerNames(server: Server, schema: string): Promise<readonly string[]> {
  const rows = await server.query(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?',
    [schema],
  );
  return rows.map(({ name }) => String(name));
}
