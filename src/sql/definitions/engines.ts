/** Engines with transactions: their tables are part of a dump's snapshot. Sequences and the like have none. */
const TRANSACTIONAL: ReadonlySet<string> = new Set([
  'InnoDB',
  'RocksDB',
  'ROCKSDB',
  'TokuDB',
  'ndbcluster',
  '',
]);

/** Engines whose rows live elsewhere; the dump tools write the definition only. */
const ROWLESS: ReadonlySet<string> = new Set([
  'MRG_MyISAM',
  'MRG_MYISAM',
  'FEDERATED',
  'CONNECT',
  'SPIDER',
  'OQGRAPH',
  'BLACKHOLE',
]);

/** How a backup holds the rows of a table: as they were at one moment, as they were at its turn, or not at all. */
export function rowsInBackup(engine: string): 'of one moment' | 'of its turn' | 'none' {
  if (ROWLESS.has(engine)) return 'none';
  return TRANSACTIONAL.has(engine) ? 'of one moment' : 'of its turn';
}

/**
 * Engines whose UPDATE_TIME changes when somebody writes, and only then. Seen on MariaDB 10.11, 11.8 and MySQL 9.7: Aria
 * and ARCHIVE change it when a table is closed or renamed, too, Aria not when rows are written; MEMORY and CSV have none.
 */
export const ENGINES_THAT_DATE_WRITES: readonly string[] = ['InnoDB', 'MyISAM'];

/** Tables that name other tables of their database in a way that does not move with them, or live elsewhere. */
export const ROOTED_ENGINE =
  /^(?:MRG_MYISAM|MERGE|FEDERATED|CONNECT|SPIDER|MROONGA|OQGRAPH|SPHINX|NDBCLUSTER|NDB)$/i;
/** Tables of these read and write somewhere else, perhaps on another server; in lower case. */
export const REMOTE_ENGINE = /^(?:federated|connect|spider)$/;
/**
 * Engines that keep rows in the server's own data directory, or in none. Any other one, which nobody knows, may do as it
 * likes.
 */
export const LOCAL_ENGINE =
  /^(?:innodb|innobase|myisam|aria|maria|memory|heap|csv|archive|blackhole|mrg_myisam|mrg_aria|merge|rocksdb|tokudb|ndb|ndbcluster|sequence|mroonga|oqgraph|columnstore|partition)$/i;
/** What is written to such a table is gone. */
export const KEEPS_NO_ROWS = /^BLACKHOLE$/i;
