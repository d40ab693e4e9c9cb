import { readPrivileges } from '../server/privileges/account-privileges.ts';
import { readDatabaseFacts } from '../server/catalog/database-facts.ts';
import { hasHistograms } from '../server/catalog/persistent-statistics.ts';
import { readRenameCounts } from '../server/instance/rename-counters.ts';
import { readAllowedPacketBytes } from '../server/instance/limits.ts';
import type { Server } from '../server/connect/server.ts';
import { DbBackupError } from '../run/errors.ts';
import { quoteAccount } from '../server/privileges/missing-privileges.ts';
import { judgeRenames } from '../server/instance/rename-verdict.ts';
import type { RenameCounts } from '../server/instance/rename-verdict.ts';
import { packetFor } from '../server/instance/packet-size.ts';
import type { StreamedDump } from './stream-dump.ts';
import type { PreparedDump } from './prepare-dump.ts';
import type { DumpTask } from './dump-plan.ts';
import { refuseUnrestorable, restoreOnly } from './refuse-unrestorable.ts';
import type { SharedSession } from '../server/session/shared-session.ts';

/**
 * A dump tool's exit 0 is not enough: a dump that looks good may be truncated, lack what the account may not read,
 * mix two states of the database, or contain what a restore refuses.
 *
 * @returns Warnings: what could not be determined and is unlikely, and what a restore will need.
 * @throws {DbBackupError} `dump-failed` when it is not a backup that a restore takes back.
 */
export async function checkDump(
  task: DumpTask,
  { facts, histograms, renames, tool }: PreparedDump,
  streamed: StreamedDump,
  session: SharedSession,
): Promise<readonly string[]> {
  const { database } = task;
  const { outline, findings, ended } = streamed;
  const refuse = (problem: string, hint: string): never => {
    throw new DbBackupError('dump-failed', problem, { hint: `No backup was made. ${hint}` });
  };
  if (!ended) {
    refuse(
      `${tool.program} exited successfully, but its end line (-- Dump completed) is missing: the dump is truncated.`,
      'Try again; if it recurs, check the server log and `dmesg`.',
    );
  }
  const [complaint] = outline.complaints;
  if (complaint !== undefined)
    refuse(`${tool.program} skipped something: ${complaint}`, 'Grant the account the privilege.');
  refuseUnrestorable(task, facts, streamed);
  const server = await session.open();
  const { fingerprint } = await readDatabaseFacts(server, database);
  const renamesNow = await readRenameCounts(server, 'after');
  const renamed = renames && renamesNow ? judgeRenames(renames, renamesNow, database) : 'none';
  if (fingerprint !== facts.fingerprint || renamed === 'here') {
    refuse(
      `A definition in ${database} changed during the dump (a migration, an ALTER, a dropped, created or renamed table), so the backup might mix old and new.`,
      'Try again when no migration is running.',
    );
  }
  const warnings = [
    ...(await whatRestoreNeeds(findings, server)),
    ...(!histograms && (await hasHistograms(server, database)) ? [lateHistograms(database)] : []),
  ];
  if (renamed === 'none') return warnings;
  const way = await wayToSeeRenames(server, renames, renamesNow);
  if (renamed === 'unknown-alter') {
    return [
      ...warnings,
      `ALTER TABLE was used on this server while ${database} was dumped, and whether it moved rows between tables of ${database} (RENAME, EXCHANGE PARTITION) could not be determined; any other change would have been detected.${way}`,
    ];
  }
  return refuse(
    `A table was renamed on this server while ${database} was dumped, and its database could not be determined, so the backup might mix old and new.`,
    `Try again when no migration is running on the server.${way}`,
  );
}

/** No definition tells of them, and the tool was told not to ask. */
function lateHistograms(database: string): string {
  return `The first histograms of ${database} were made during the dump, and are not in the backup. The next backup will have them; after a restore of this one, make them again with ANALYZE TABLE … UPDATE HISTOGRAM …`;
}

/** What lets dbbackup see which tables are renamed; empty when nothing does. */
async function wayToSeeRenames(
  server: Server,
  before: RenameCounts | undefined,
  now: RenameCounts | undefined,
): Promise<string> {
  if (before === undefined || now === undefined) return '';
  if (now.seen === undefined)
    return ` Or let dbbackup find out: GRANT SELECT ON performance_schema.* TO ${quoteAccount((await readPrivileges(server)).account)};`;
  return now.unseen > before.unseen
    ? ' The server remembers no further statements; make room: TRUNCATE TABLE performance_schema.events_statements_summary_by_digest;'
    : '';
}

/** For a good dump: what is worth knowing before restoring it. */
async function whatRestoreNeeds(
  findings: StreamedDump['findings'],
  server: Server,
): Promise<readonly string[]> {
  const { longestStatementBytes, outside } = findings;
  const inPlace = restoreOnly(findings);
  const allowedBytes = await readAllowedPacketBytes(server);
  return [
    ...outside.map(
      ({ line, text, reason }) =>
        `A restore of this backup needs --allow-outside: line ${line} ${reason}: ${text}`,
    ),
    ...(inPlace === undefined ? [] : [`The backup can only be restored in place: ${inPlace.reason}.`]),
    ...(longestStatementBytes <= allowedBytes
      ? []
      : [
          `The longest statement of the backup has ${longestStatementBytes} bytes, but the server accepts at most ${allowedBytes}. Before a restore: SET GLOBAL max_allowed_packet = ${packetFor(longestStatementBytes)};`,
        ]),
  ];
}
