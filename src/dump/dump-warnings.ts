import type { ClientProgram } from '../programs/client-programs.ts';
import { DbBackupError } from '../run/errors.ts';
import type { DatabaseFacts } from '../server/catalog/database-facts.ts';
import type { Server } from '../server/connect/server.ts';
import { readLeftKeys } from '../server/definitions/stray-keys.ts';
import { type BrokenObject, namedBroken } from '../sql/definitions/broken-object.ts';
import { rowsInBackup } from '../sql/definitions/engines.ts';

export async function keyWarnings(
  server: Server,
  { database, tables }: DatabaseFacts,
): Promise<readonly string[]> {
  if (tables.length === 0) return [];
  const names = tables.map(({ name }) => name);
  return (await readLeftKeys(server, database, names)).map(({ table, name, leadsTo, isOwn }) => {
    const repaired = isOwn ? '; so does a restore of this backup' : '';
    return `The foreign key ${name} of ${table} refers to ${leadsTo}, a schema of an earlier restore${isOwn ? '' : ' of another database'}. dbbackup doctor shows how to repair it${repaired}.`;
  });
}

export function brokenWarnings(broken: readonly BrokenObject[]): string[] {
  if (broken.length === 0) return [];
  return [`Not in the backup (--skip-broken), because the server cannot open it: ${namedBroken(broken)}.`];
}

export function engineWarnings(facts: DatabaseFacts): string[] {
  const named = (rows: ReturnType<typeof rowsInBackup>): string =>
    facts.tables
      .filter(({ kind, engine }) => kind !== 'sequence' && rowsInBackup(engine) === rows)
      .map(({ name, engine }) => `${name} (${engine})`)
      .join(', ');
  const unsafe = named('of its turn');
  const rowless = named('none');
  return [
    ...(unsafe === ''
      ? []
      : [
          `Not in the snapshot, because their engine has no transactions: ${unsafe}. Writes during the dump may be captured only in part.`,
        ]),
    ...(rowless === ''
      ? []
      : [`Only the definition is backed up, because their rows are stored elsewhere: ${rowless}.`]),
  ];
}

/**
 * What using the other flavour's dump tool means for this database.
 *
 * @throws {DbBackupError} `tool-missing` when its output could not be loaded again.
 */
export function toolWarnings(server: Server, tool: ClientProgram, facts: DatabaseFacts): string[] {
  if (tool.flavour === server.flavour) return [];
  const generated = facts.tables
    .filter(({ hasGeneratedColumns }) => hasGeneratedColumns)
    .map(({ name }) => name);
  if (tool.flavour === 'mariadb' && generated.length > 0) {
    // MariaDB's tool writes values of generated columns, which MySQL refuses on load (error 3105).
    throw new DbBackupError(
      'tool-missing',
      `The server is MySQL, but only MariaDB's ${tool.program} is installed, which cannot dump tables with generated columns (${generated.join(', ')}) in a form that MySQL can load.`,
      { hint: 'apt install mysql-client' },
    );
  }
  return [
    `The server is ${server.flavour}, but the dump tool found is of ${tool.flavour}: ${tool.file} ${tool.version}.`,
  ];
}
