import { DbBackupError } from '../../run/errors.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';
import { savedText } from '../change/triggers.ts';
import type { Row, Server } from '../connect/server.ts';
import { readAsDumpTools } from './show-create.ts';

/**
 * Views, routines and events of a database, as they can be made again in it.
 *
 * @param server Uses that database afterwards.
 * @throws {DbBackupError} `access-denied` when the account may not read the text of one.
 */
export async function readStoredObjects(
  server: Server,
  database: string,
  { views, routines, events }: Pick<ObjectNames, 'views' | 'routines' | 'events'>,
): Promise<readonly SavedObject[]> {
  await readAsDumpTools(server, database);
  const [schema] = await server.query('SELECT @@collation_database AS collation');
  const collation = String(schema?.['collation']);
  const saved: SavedObject[] = [];
  for (const name of views) {
    const [row] = await server.query(`SHOW CREATE VIEW ${quoteName(name)}`);
    const text = textOf(row, 'Create View', `view ${name}`).replace(/^CREATE /, 'CREATE OR REPLACE ');
    saved.push({ kind: 'view', name, ...savedText({ ...row, sql_mode: '' }, text, collation) });
  }
  for (const routine of routines) {
    const { kind, name } = objectNamed(routine);
    const [row] = await server.query(`SHOW CREATE ${kind.toUpperCase()} ${quoteName(name)}`);
    const column = `Create ${kind.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())}`;
    const text = textOf(row, column, routine);
    saved.push({ kind: 'routine', name: routine, ...savedText(row ?? {}, text, collation) });
  }
  for (const name of events) {
    const [row] = await server.query(`SHOW CREATE EVENT ${quoteName(name)}`);
    const { settings, statement } = savedText(
      row ?? {},
      textOf(row, 'Create Event', `event ${name}`),
      collation,
    );
    const zone = { time_zone: `'${String(row?.['time_zone'])}'` };
    saved.push({ kind: 'event', name, settings: { ...settings, ...zone }, statement });
  }
  return saved;
}

function textOf(row: Row | undefined, column: string, what: string): string {
  const text = row?.[column];
  if (typeof text === 'string' && text !== '') return text;
  throw new DbBackupError('access-denied', `The account may not read the text of the ${what}.`);
}
