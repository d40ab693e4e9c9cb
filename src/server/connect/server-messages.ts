/**
 * Errors whose quoted parts are names of tables, columns, accounts or settings; in every other message they may be
 * values of a row.
 */
const NAMES_ONLY: ReadonlySet<number> = new Set([
  1005, 1006, 1007, 1008, 1044, 1045, 1046, 1048, 1049, 1050, 1051, 1054, 1060, 1061, 1068, 1071, 1072, 1091,
  1100, 1101, 1109, 1114, 1115, 1118, 1142, 1143, 1146, 1153, 1193, 1215, 1227, 1231, 1235, 1238, 1264, 1265,
  1273, 1286, 1304, 1305, 1356, 1359, 1360, 1364, 1370, 1406, 1419, 1449, 1451, 1452, 1465, 1478, 1537, 1539,
  1553, 1826, 1827, 3105, 3546, 3750, 3780, 3819, 4025, 6125,
]);

/**
 * Errors that quote values also where a definition fails: an index or a constraint over rows that are there. Every other
 * message about a definition quotes the names in it.
 */
const QUOTES_VALUES: ReadonlySet<number> = new Set([
  1062, 1064, 1169, 1292, 1366, 1367, 1411, 1525, 1526, 1586, 1690, 1748, 1903, 3140, 3141, 3156, 3157, 3903,
]);

/**
 * A server's error text without row data: `Duplicate entry '…' for key 'users.email'`. It may be in any language, and
 * cut off.
 *
 * The syntax error quotes the statement itself, whatever it holds; there nothing quoted is shown.
 *
 * @param hasRows Whether the statement writes rows; of one that does not, names are shown whatever the error is.
 */
export function redactServerMessage(errno: number, text: string, hasRows: boolean): string {
  if (NAMES_ONLY.has(errno) || (!hasRows && !QUOTES_VALUES.has(errno))) return text;
  const duplicate = /^Duplicate entry '.*'( for key '[^']*')$/s.exec(text);
  if (errno === 1062 && duplicate !== null) return `Duplicate entry '…'${duplicate[1] ?? ''}`;
  // What stands behind the value is kept only where it cannot be a part of it: the text may have been cut off.
  const tail = /(?: for column (?:'[^']*'|[`\w.]+))?(?: at (?:row|line) \d+)$/.exec(text)?.[0] ?? '';
  return text.replace(QUOTED, `'…'${tail}`);
}

/** A quoted part and all behind it; servers quote in the way of their language. */
const QUOTED = /['"«»„“”‚‘’].*/s;

const STRICT_MODE =
  'If the table was made with innodb_strict_mode = OFF, the restore must switch it off as well, which takes a privilege on MySQL: GRANT SESSION_VARIABLES_ADMIN ON *.* TO the account. Or on the whole server: SET GLOBAL innodb_strict_mode = OFF; after the restore, set it back: SET GLOBAL innodb_strict_mode = ON;';

/** What to do about the errors that restores meet most. */
export const LOAD_HINTS: Readonly<Record<number, string>> = {
  1031: STRICT_MODE,
  1071: 'The index is too long for this server: was the dump made by another version?',
  1114: "The server's disk is full.",
  1118: STRICT_MODE,
  1153: 'Raise max_allowed_packet on the server.',
  1227: 'The dump names a DEFINER that is not this account: restore with an account that may set definers (SUPER, SET USER or SET_ANY_DEFINER).',
  1231: 'The dump sets what this server does not know: it was made by another version, or by the other of MySQL and MariaDB.',
  1273: 'The dump uses a collation that this server does not have. Restore to a server of the version that the dump came from, or newer.',
  1290: 'If it is --read-only or --super-read-only: is this a replica? Then restore on the server that it replicates from.',
  1419: 'Binary logging is on: SET GLOBAL log_bin_trust_function_creators = 1, or use an account with SUPER.',
  1449: 'Create the account that the DEFINER names first.',
  1478: STRICT_MODE,
  2006: 'The server closed the connection: its log says why. Often max_allowed_packet is too small.',
  2013: 'The server closed the connection: its log says why.',
  2026: 'TLS failed, or the server closed the connection: its log says why.',
  3105: "The dump was made from MySQL by MariaDB's tool, which writes values of generated columns.",
  3546: 'The dump sets GTID_PURGED.',
  3750: 'The server requires a primary key on every table. To allow tables without one, on the whole server: SET GLOBAL sql_require_primary_key = OFF; after the restore, set it back: SET GLOBAL sql_require_primary_key = ON;',
  6125: 'The foreign key refers to columns that have no unique key of exactly these columns, which MySQL refuses since 8.4. To allow it, on the whole server: SET GLOBAL restrict_fk_on_non_standard_key = OFF; after the restore, set it back: SET GLOBAL restrict_fk_on_non_standard_key = ON;',
};
