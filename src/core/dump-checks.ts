import { readDatabaseFacts, readPrivileges } from '../adapters/database-facts.ts';
import { readRenameCounts } from '../adapters/rename-counts.ts';
import { connectServer } from '../adapters/server.ts';
import { DbBackupError } from '../model/errors.ts';
import { quoteAccount } from '../model/grants.ts';
import { judgeRenames } from '../model/renames.ts';
import type { StreamedDump } from './dump-stream.ts';
import type { DumpTask, PreparedDump } from './prepare-dump.ts';
import type { Runtime } from './runtime.ts';

/**
 * A dump tool's exit 0 is not enough: CLIENTS.md, section 1, lists how a dump that looks good may be bad.
 *
 * @returns Warnings: what cannot be told, and is not likely.
 * @throws {DbBackupError} `dump-failed` when something is missing in it, or may be of another time than the rest.
 */
export async function checkDump(
  { connection, database }: DumpTask,
  { facts, renames, tool }: PreparedDump,
  { outline }: StreamedDump,
  runtime: Runtime,
): Promise<readonly string[]> {
  const refuse = (problem: string, hint: string): never => {
    throw new DbBackupError('dump-failed', problem, { hint: `No backup was made. ${hint}` });
  };
  if (!outline.finish()) {
    refuse(
      `${tool.program} exited with success, but its end line (-- Dump completed) is missing: the dump was cut off.`,
      'Run it again; if it recurs, look at the server log and at `dmesg`.',
    );
  }
  const [complaint] = outline.complaints;
  if (complaint !== undefined)
    refuse(`${tool.program} left something out: ${complaint}`, 'Give the account the privilege.');
  const dumped = new Set(outline.sections.map(({ table }) => table));
  const missing = facts.tables.map(({ name }) => name).filter((name) => !dumped.has(name));
  if (missing.length > 0) {
    refuse(
      `The dump of ${database} lacks ${missing.length} of ${facts.tables.length} tables: ${missing.slice(0, 5).join(', ')}.`,
      'Run it again when no migration runs; if it recurs, report it as a bug.',
    );
  }
  await using server = await connectServer(connection, runtime.signal);
  const { fingerprint } = await readDatabaseFacts(server, database);
  const renamesNow = await readRenameCounts(server, 'after');
  const renamed = renames && renamesNow ? judgeRenames(renames, renamesNow, database) : 'none';
  if (fingerprint !== facts.fingerprint || renamed === 'here') {
    refuse(
      `A definition in ${database} changed while it was dumped (a migration, an ALTER, a dropped, created or renamed table): the backup might mix old and new.`,
      'Run it again when no migration runs.',
    );
  }
  if (renamed === 'none') return [];
  const grant =
    renamesNow?.seen === undefined
      ? ` Or let dbbackup tell: GRANT SELECT ON performance_schema.* TO ${quoteAccount((await readPrivileges(server)).account)};`
      : '';
  if (renamed === 'unknown-alter') {
    return [
      `ALTER TABLE was used on this server while ${database} was dumped, and it cannot be told whether it moved rows between tables of ${database} (RENAME, EXCHANGE PARTITION); any other change would have been seen.${grant}`,
    ];
  }
  return refuse(
    `A table was renamed on this server while ${database} was dumped, and it cannot be told of which database it is: the backup might mix old and new.`,
    `Run it again when no migration runs on the server.${grant}`,
  );
}
