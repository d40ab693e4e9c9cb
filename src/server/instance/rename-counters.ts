import { DbBackupError } from '../../run/errors.ts';
import type { RenameCounts, SeenStatements } from './rename-verdict.ts';
import type { Row, Server } from '../connect/server.ts';

/**
 * Reads MySQL's counters of renames; undefined on MariaDB, where a snapshot ends with an error at a renamed table.
 *
 * @param when Of two readings, the earlier or the later. A statement that comes while one is read is then seen to
 *   have ended without having begun, never the reverse.
 */
export async function readRenameCounts(
  server: Server,
  when: 'before' | 'after',
): Promise<RenameCounts | undefined> {
  if (server.flavour === 'mariadb') return undefined;
  if (when === 'before') {
    const seen = await readSeen(server);
    return { ...(await readCounters(server)), seen };
  }
  const counters = await readCounters(server);
  return { ...counters, seen: await readSeen(server) };
}

async function readCounters(server: Server): Promise<Omit<RenameCounts, 'seen'>> {
  const rows = await server.query(COUNTERS);
  const counts = new Map(rows.map((row) => [String(row['Variable_name']), Number(row['Value'])]));
  return {
    begun: { renames: counts.get('Com_rename_table') ?? 0, alters: counts.get('Com_alter_table') ?? 0 },
    unseen: counts.get('Performance_schema_digest_lost') ?? 0,
  };
}

async function readSeen(server: Server): Promise<SeenStatements | undefined> {
  try {
    const [running] = await server.query(RUNNING); // first: what ends in between is counted twice, not never
    const ended = await server.query(ENDED);
    return {
      running: { renames: Number(running?.['renames']), alters: Number(running?.['alters']) },
      ended: ended.map((row: Row) => ({
        digest: String(row['digest']),
        schema: String(row['schema_name']),
        words: String(row['words']),
        maybeCutOff: Number(row['maybe_cut_off']) === 1,
        count: Number(row['count']),
      })),
    };
  } catch (error) {
    if (error instanceof DbBackupError && error.code === 'access-denied') return undefined;
    throw error;
  }
}

const COUNTERS = `SHOW GLOBAL STATUS
  WHERE Variable_name IN ('Com_rename_table', 'Com_alter_table', 'Performance_schema_digest_lost')`;

const RUNNING = `SELECT COUNT(IF(EVENT_NAME = 'statement/sql/rename_table', 1, NULL)) AS renames,
    COUNT(IF(EVENT_NAME = 'statement/sql/alter_table', 1, NULL)) AS alters
  FROM performance_schema.events_statements_current WHERE END_EVENT_ID IS NULL`;

// A truncated text lacks a name of at most 64 characters, and a name takes up to a quarter more space than its
// letters.
const ENDED = `SELECT DIGEST AS digest, COALESCE(SCHEMA_NAME, '') AS schema_name, DIGEST_TEXT AS words,
    COUNT_STAR AS count, LENGTH(DIGEST_TEXT) * 1.25 + 260 > @@performance_schema_max_digest_length AS maybe_cut_off
  FROM performance_schema.events_statements_summary_by_digest
  WHERE DIGEST_TEXT REGEXP '^(EXECUTE )?(RENAME TABLES?|ALTER TABLE) '`;
