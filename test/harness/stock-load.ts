import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expectSameDump, succeeds } from './backup.ts';
import { databaseToBeMade } from './database.ts';
import { SqlError } from './statements.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/** Loads a file as its users do: `mysql [database] < file`. */
export async function stockLoad(server: TestServer, text: string, database?: string): Promise<void> {
  const result = await execa(
    server.client,
    [...server.clientOptions, ...(database === undefined ? [] : [database])],
    { input: text, reject: false },
  );
  if (result.exitCode !== 0) throw new SqlError(result.stderr.slice(-2000));
}

/**
 * Restores a dump that makes a database of its own under another name, and compares what comes of it with what the
 * stock client makes of the same file.
 *
 * @param textFor Gives the file for a name of the database.
 * @param options Of the restore.
 * @returns what the restore printed.
 */
export async function expectLikeStockClient(
  server: TestServer,
  textFor: (database: string) => string,
  options: readonly string[] = [],
): Promise<{ readonly stdout: string; readonly stderr: string; readonly target: string }> {
  const [own, target] = [databaseToBeMade(server), databaseToBeMade(server)];
  const text = textFor(own);
  const path = join((await workspace()).folder, 'other.sql');
  await writeFile(path, text);
  await stockLoad(server, text);

  const { stdout, stderr } = await succeeds(['restore', path, '--to', target, ...options], { server });

  // MariaDB keeps a trigger's head as it was written, with the name of the database.
  const expected = (await server.dump(own))
    .toString('latin1')
    .replaceAll(`TRIGGER \`${own}\`.`, `TRIGGER \`${target}\`.`);
  expectSameDump(await server.dump(target), Buffer.from(expected, 'latin1'));
  return { stdout, stderr, target };
}
