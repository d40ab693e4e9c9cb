// The session variables whose value on the server (or in its init_connect) could change what a run does.
import type { Flavour } from '../connect/flavour.ts';
import { isOlder } from '../connect/version.ts';

/** Our own queries and changes; statements of a dump, whichever program sends them; the dump tool's own session. */
export type SessionUse = 'questions' | 'loading' | 'dump';

export interface SessionVariable {
  readonly name: string;
  /** What it must be there; words as the server shows them, null for NULL. */
  readonly value: string | number | bigint | null;
  /** How to say so in a SET, where it is not the value as a literal. */
  readonly literal?: string;
  readonly uses: readonly SessionUse[];
  /** From which version on each has it; without an entry it has none of that name. */
  readonly since: Readonly<Partial<Record<Flavour, string>>>;
  /** Where it takes a privilege to set it, which the account may not have: only what differs is set there. */
  readonly privileged?: Flavour;
  /** It matters to whoever makes tables, not to whoever fills them. */
  readonly ofDefinitions?: true;
  /** A number for which no less than this is needed. */
  readonly atLeast?: number;
  /** What would go wrong. */
  readonly why: string;
}

const OURS = ['questions', 'loading'] as const;
const ALL = ['questions', 'loading', 'dump'] as const;
const BOTH = { mariadb: '10.2', mysql: '5.7' } as const;
const NO_LIMIT = 18_446_744_073_709_551_615n;

/** Eight hours, the servers' own wait_timeout: longer than a run is ever quiet. */
const LONG_SECONDS = 28_800;

/** Everything that is not here is harmless: a list in the tests says why, variable by variable. */
export const SESSION_VARIABLES: readonly SessionVariable[] = [
  // What a session gets to see.
  {
    name: 'sql_select_limit',
    value: NO_LIMIT,
    uses: ALL,
    since: BOTH,
    why: 'every SELECT and SHOW ends after so many rows: a dump would lack the others without a word',
  },
  {
    name: 'sql_big_selects',
    value: 'ON',
    uses: ALL,
    since: BOTH,
    why: 'max_join_size would refuse to read whole tables',
  },
  {
    name: 'system_versioning_asof',
    value: 'DEFAULT',
    literal: 'DEFAULT', // which is not the server's own value, as it is of other variables
    uses: ['questions', 'dump'],
    since: { mariadb: '10.3.4' },
    why: 'the rows of another time would be read',
  },
  {
    name: 'show_gipk_in_create_table_and_information_schema',
    value: 'ON',
    uses: ['questions', 'dump'],
    since: { mysql: '8.0.30' },
    why: 'a generated invisible primary key would be missing from the dump',
  },
  {
    name: 'show_create_table_verbosity',
    value: 'OFF',
    uses: ['questions', 'dump'],
    since: { mysql: '5.7.22' },
    why: 'definitions would be written in more words than on other servers',
  },
  {
    name: 'sql_quote_show_create',
    value: 'ON',
    uses: ALL,
    since: BOTH,
    why: 'definitions would be written without quotes, accounts in triggers kept without: the dump tools set it too late',
  },
  {
    name: 'information_schema_stats_expiry',
    value: 0,
    uses: ['questions'],
    since: { mysql: '8.0' },
    why: 'sizes and times of change would be those of yesterday; the dump tool sets it itself',
  },
  {
    name: 'time_zone',
    value: '+00:00',
    uses: ['questions'],
    since: BOTH,
    why: 'times of change come twice when summer time ends; dumps and dump tools set it themselves',
  },
  {
    name: 'lc_messages',
    value: 'en_US',
    uses: OURS,
    since: BOTH,
    why: 'row data is taken out of messages that are in English; in others more is hidden than must be',
  },
  {
    name: 'sql_mode',
    value: '',
    uses: ['questions'],
    since: BOTH,
    why: 'our statements mean what they say in the mode without any; a loading session removes what changes quotes',
  },
  {
    name: 'max_error_count',
    value: 64,
    uses: ['questions'],
    since: { mariadb: '10.2' },
    why: 'SHOW WARNINGS tells which tables were left out of an answer',
  },

  // How long it lives.
  {
    name: 'max_statement_time',
    value: 0,
    uses: OURS,
    since: { mariadb: '10.1' },
    why: 'long statements would be ended; the dump tool sets it itself',
  },
  {
    name: 'max_execution_time',
    value: 0,
    uses: ALL,
    since: { mysql: '5.7.8' },
    why: 'long queries would be ended',
  },
  {
    name: 'wait_timeout',
    value: LONG_SECONDS,
    uses: OURS,
    since: BOTH,
    why: 'a session is quiet while another one loads',
  },
  {
    // mariadb-dump sets it to the server's own value by itself.
    name: 'wait_timeout',
    value: LONG_SECONDS,
    atLeast: 600,
    uses: ['dump'],
    since: { mysql: '5.7' },
    why: 'the dump tool is quiet while what it has written is compressed',
  },
  {
    name: 'net_read_timeout',
    value: 600,
    uses: OURS,
    since: BOTH,
    why: 'a long statement comes in parts while this machine is busy',
  },
  {
    name: 'net_write_timeout',
    value: 600,
    uses: OURS,
    since: BOTH,
    why: 'answers are read when there is time',
  },
  {
    name: 'net_write_timeout',
    value: 600,
    atLeast: 60,
    uses: ['dump'],
    since: BOTH,
    why: 'rows wait in the server while what came before is compressed',
  },
  ...['idle_transaction_timeout', 'idle_readonly_transaction_timeout', 'idle_write_transaction_timeout'].map(
    (name): SessionVariable => ({
      name,
      value: 0,
      uses: ['loading', 'dump'],
      since: { mariadb: '10.3' },
      why: 'a loading session waits in its transaction for its next rows, the dump tool for its reader',
    }),
  ),
  {
    name: 'lock_wait_timeout',
    value: 86_400,
    uses: OURS,
    since: BOTH,
    why: 'what may wait briefly only says so itself',
  },
  {
    name: 'max_session_mem_used',
    value: 9_223_372_036_854_775_807n,
    uses: OURS,
    since: { mariadb: '10.2' },
    why: 'long statements would be refused',
  },
  {
    name: 'connection_memory_limit',
    value: NO_LIMIT,
    uses: OURS,
    since: { mysql: '8.0.28' },
    privileged: 'mysql',
    why: 'long statements would be refused',
  },
  {
    name: 'parser_max_mem_size',
    value: NO_LIMIT,
    uses: OURS,
    since: { mysql: '5.7.12' },
    privileged: 'mysql',
    why: 'long INSERTs would be refused',
  },
  {
    name: 'max_tmp_session_space_usage',
    value: 0,
    uses: OURS,
    since: { mariadb: '11.5' },
    why: 'large indexes would not be built',
  },
  {
    name: 'tmp_disk_table_size',
    value: NO_LIMIT,
    uses: ['questions'],
    since: { mariadb: '10.2.7' },
    why: 'long answers of the catalogue would be refused',
  },

  // Transactions.
  {
    name: 'autocommit',
    value: 'ON',
    uses: ['questions'],
    since: BOTH,
    why: 'questions would see an old state, and hold locks; a loading session switches it off',
  },
  {
    name: 'completion_type',
    value: 'NO_CHAIN',
    uses: OURS,
    since: BOTH,
    why: 'a COMMIT would end the session or begin another transaction',
  },
  {
    name: 'tx_read_only',
    value: 'OFF',
    uses: OURS,
    since: { mariadb: '10.2' },
    why: 'nothing could be written',
  },
  {
    name: 'transaction_read_only',
    value: 'OFF',
    uses: OURS,
    since: { mysql: '5.7.20' },
    why: 'nothing could be written',
  },
  {
    name: 'tx_isolation',
    value: 'REPEATABLE-READ',
    uses: ['loading'],
    since: { mariadb: '10.2' },
    why: 'with a binary log of statements rows may not be written in another one',
  },
  {
    name: 'transaction_isolation',
    value: 'REPEATABLE-READ',
    uses: ['loading'],
    since: { mysql: '5.7.20' },
    why: 'with a binary log of statements rows may not be written in another one',
  },
  {
    name: 'low_priority_updates',
    value: 'OFF',
    uses: ['loading'],
    since: BOTH,
    privileged: 'mysql',
    why: 'rows would wait for readers of other tables of files',
  },

  // What is made, and what is refused.
  {
    name: 'sql_safe_updates',
    value: 'OFF',
    uses: ['loading'],
    since: BOTH,
    why: 'an UPDATE or DELETE of a dump could be refused',
  },
  {
    name: 'sql_if_exists',
    value: 'OFF',
    uses: OURS,
    since: { mariadb: '10.5.2' },
    why: 'the swap would go on without a table that is missing',
  },
  {
    name: 'check_constraint_checks',
    value: 'OFF',
    uses: ['loading'],
    since: { mariadb: '10.2.1' },
    why: 'rows that are older than a CHECK were in the table, too',
  },
  {
    name: 'use_stat_tables',
    value: 'NEVER',
    uses: ['loading'],
    since: { mariadb: '10.2' },
    why: 'statistics would be looked for of each table, of which a new one has none',
  },
  {
    name: 'innodb_strict_mode',
    value: 'OFF',
    uses: OURS,
    since: BOTH,
    privileged: 'mysql',
    ofDefinitions: true,
    why: 'tables that were made without it would be refused',
  },
  {
    name: 'explicit_defaults_for_timestamp',
    value: 'ON',
    uses: OURS,
    since: { mariadb: '10.8.2', mysql: '5.7' },
    privileged: 'mysql',
    why: 'definitions that servers write say of each TIMESTAMP what it is; without it more would be added',
  },
  {
    name: 'old_mode',
    value: 'UTF8_IS_UTF8MB3',
    uses: OURS,
    since: { mariadb: '10.6.1' },
    why: 'in definitions that servers write, utf8 is utf8mb3',
  },
  {
    name: 'alter_algorithm',
    value: 'DEFAULT',
    uses: ['loading'],
    since: { mariadb: '10.3.7' },
    why: 'indexes and foreign keys could not be added',
  },
  {
    name: 'enforce_storage_engine',
    value: null,
    uses: OURS,
    since: { mariadb: '10.1.3' },
    privileged: 'mariadb',
    ofDefinitions: true,
    why: 'tables would get another engine, or be refused',
  },
  {
    name: 'innodb_compression_default',
    value: 'OFF',
    uses: OURS,
    since: { mariadb: '10.1' },
    why: 'tables would be compressed that were not',
  },
  {
    name: 'innodb_default_encryption_key_id',
    value: 1,
    uses: OURS,
    since: { mariadb: '10.1.4' },
    why: 'tables would get another key',
  },
  {
    name: 'mhnsw_default_m',
    value: 6,
    uses: OURS,
    since: { mariadb: '11.7' },
    why: 'vector indexes would get other options',
  },
  {
    name: 'mhnsw_default_distance',
    value: 'euclidean',
    uses: OURS,
    since: { mariadb: '11.7' },
    why: 'vector indexes would get other options',
  },
  {
    name: 'max_heap_table_size',
    value: 2 ** 40,
    uses: OURS,
    since: BOTH,
    why: 'a MEMORY table may have been made with a higher limit than the server has now',
  },
  ...['auto_increment_increment', 'auto_increment_offset'].map((name): SessionVariable => ({
    name,
    value: 1,
    uses: ['loading'],
    since: BOTH,
    why: 'the next value of a table would be another one; in a cluster they differ from node to node',
  })),
  {
    name: 'sql_require_primary_key',
    value: 'OFF',
    uses: OURS,
    since: { mysql: '8.0.13' },
    privileged: 'mysql',
    ofDefinitions: true,
    why: 'tables without a primary key would be refused',
  },
  {
    name: 'sql_generate_invisible_primary_key',
    value: 'OFF',
    uses: OURS,
    since: { mysql: '8.0.30' },
    privileged: 'mysql',
    ofDefinitions: true,
    why: 'tables without a primary key would get one',
  },
  {
    name: 'restrict_fk_on_non_standard_key',
    value: 'OFF',
    uses: OURS,
    since: { mysql: '8.4' },
    privileged: 'mysql',
    ofDefinitions: true,
    why: 'foreign keys to keys that are not unique would be refused',
  },
];

/** Those that a server of this version has. */
export function variablesFor(
  use: SessionUse,
  { flavour, version }: { readonly flavour: Flavour; readonly version: string },
): readonly SessionVariable[] {
  return SESSION_VARIABLES.filter(({ uses, since }) => {
    const from = since[flavour];
    return uses.includes(use) && from !== undefined && !isOlder(version, from);
  });
}

/** Whether a session in which the server shows this value can stay as it is. */
export function suits({ value, atLeast }: SessionVariable, shown: string | null): boolean {
  if (value === null) return shown === null || shown === '';
  if (shown === null) return false;
  if (value === 'ON' || value === 'OFF') return SWITCH[shown.toUpperCase()] === value;
  if (typeof value === 'string') return shown.toUpperCase() === value.toUpperCase();
  return atLeast === undefined ? Number(shown) === Number(value) : Number(shown) >= atLeast;
}

const SWITCH: Readonly<Record<string, string>> = { ON: 'ON', 1: 'ON', OFF: 'OFF', 0: 'OFF' };

/** `sql_big_selects = 'ON'`, for a SET SESSION. */
export function assignment({ name, value, literal }: SessionVariable): string {
  if (literal !== undefined) return `${name} = ${literal}`;
  return `${name} = ${typeof value === 'string' ? `'${value}'` : String(value).toUpperCase()}`;
}

export function setStatement(assignments: readonly string[]): string {
  return `SET SESSION ${assignments.join(', ')}`;
}
