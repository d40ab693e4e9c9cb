import { readBrokenObjects } from '../../server/catalog/broken-objects.ts';
import { readTableNames } from '../../server/change/scratch-schemas.ts';
import { connectServer } from '../../server/connect/server.ts';
import { namedBroken } from '../../sql/definitions/broken-object.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';

/**
 * Why tables could be neither moved nor dropped: a server may call one locked, or not there, that it cannot open (its
 * tablespace was discarded, its file is missing). Then that is reported.
 *
 * @returns the error that explains it better; else the same one.
 */
export async function explainUnmovable(
  error: unknown,
  {
    connection,
    database,
    tables,
  }: { readonly connection: Connection; readonly database: string; readonly tables: readonly string[] },
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof DbBackupError) || error.code !== 'restore-failed') return error;
  try {
    await using server = await connectServer(connection, signal);
    await server.query('SET SESSION lock_wait_timeout = 1');
    const there = await readTableNames(server, database);
    const left = tables.filter((name) => there.has(name)).map((name) => ({ name }));
    const broken = await readBrokenObjects(server, { database, tables: left, views: [] });
    if (broken.length === 0) return error;
    return new DbBackupError(
      'restore-failed',
      `The server cannot remove tables from ${database}, because it cannot open ${namedBroken(broken)}.`,
      { hint: 'Repair or drop it, then restore again.', cause: error },
    );
  } catch {
    return error; // which is what happened
  }
}
