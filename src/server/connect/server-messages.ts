/**
 * Errors whose text holds names of tables, columns, accounts or settings, or nothing at all; in every other text there
 * may be values of a row.
 */
const WITHOUT_VALUES: ReadonlySet<number> = new Set([
  // Names of what a dump makes or fills, and of settings and accounts.
  1005, 1006, 1007, 1008, 1044, 1045, 1046, 1048, 1049, 1050, 1051, 1054, 1060, 1061, 1067, 1068, 1070, 1071,
  1072, 1073, 1074, 1075, 1089, 1090, 1091, 1100, 1101, 1103, 1109, 1110, 1113, 1114, 1115, 1117, 1118, 1121,
  1125, 1136, 1142, 1143, 1146, 1153, 1163, 1164, 1167, 1170, 1171, 1173, 1178, 1191, 1193, 1194, 1195, 1214,
  1215, 1216, 1217, 1227, 1231, 1232, 1235, 1238, 1239, 1252, 1253, 1264, 1265, 1267, 1273, 1280, 1283, 1286,
  1289, 1290, 1293, 1294, 1303, 1304, 1305, 1347, 1348, 1349, 1350, 1351, 1352, 1356, 1359, 1360, 1361, 1362,
  1363, 1364, 1370, 1406, 1415, 1416, 1418, 1419, 1422, 1442, 1449, 1450, 1451, 1452, 1465, 1478, 1479, 1480,
  1481, 1482, 1486, 1488, 1491, 1492, 1493, 1499, 1503, 1504, 1505, 1506, 1537, 1539, 1553, 1659, 1709, 1783,
  1822, 1824, 1825, 1826, 1827, 1845, 1846, 1901, 3105, 3106, 3108, 3546, 3685, 3730, 3750, 3756, 3758, 3780,
  3781, 3819, 3820, 4025, 6125,
  // The state of the server, of the connection or of the disk.
  1021, 1026, 1030, 1034, 1036, 1037, 1038, 1040, 1041, 1047, 1053, 1099, 1158, 1159, 1160, 1161, 1180, 1181,
  1196, 1203, 1205, 1206, 1213, 1226, 1317, 1614, 1694, 1792, 1836, 1969, 2006, 2013, 2026, 3024, 3572, 4031,
]);

/** Errors that quote values, also where a definition fails: an index or a constraint over rows that are there. */
const QUOTES_VALUES: ReadonlySet<number> = new Set([
  1062, 1064, 1169, 1292, 1366, 1367, 1411, 1525, 1586, 1690, 1748, 1903, 3140, 3141, 3156, 3157, 3903,
]);

/** Errors that hold values without quotes, in the words that are shown instead. */
const IN_OUR_WORDS: Readonly<Record<number, string>> = {
  1526: 'No partition of the table takes the value of a row',
  3616: 'A longitude of a row is out of range',
  3617: 'A latitude of a row is out of range',
};

const HIDDEN =
  "(the text may hold values of a row and is not shown; the server's manual says what the number means)";

/**
 * A server's error text without row data: `Duplicate entry '…' for key 'users.email'`. It may be in any language, and
 * cut off.
 *
 * The syntax error quotes the statement itself, whatever it holds; there nothing quoted is shown.
 *
 * @param hasRows Whether the statement writes rows. The text about one that does not is shown, but for the errors that
 *   are known to hold values of rows that are there; about one that does, only the texts that are known to hold none.
 */
export function redactServerMessage(errno: number, text: string, hasRows: boolean): string {
  if (WITHOUT_VALUES.has(errno)) return text;
  const ours = IN_OUR_WORDS[errno];
  if (ours !== undefined) return ours;
  if (!QUOTES_VALUES.has(errno)) return hasRows ? HIDDEN : text;
  const duplicate = /^Duplicate entry '.*'( for key '[^']*')$/s.exec(text);
  if (errno === 1062 && duplicate !== null) return `Duplicate entry '…'${duplicate[1] ?? ''}`;
  // Text after the value is kept only where it cannot be part of it: the text may be truncated.
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
  1071: 'The index is too long for this server; the dump may come from another version.',
  1114: "The server's disk is full.",
  1118: STRICT_MODE,
  1153: 'Raise max_allowed_packet on the server.',
  1227: 'The dump names a DEFINER other than this account: restore with an account that may set definers (SUPER, SET USER or SET_ANY_DEFINER).',
  1231: 'The dump sets something that this server does not know: it comes from another version, or from the other of MySQL and MariaDB.',
  1273: 'The dump uses a collation that this server does not have. Restore to a server of the version that the dump came from, or newer.',
  1290: 'If that is --read-only or --super-read-only and this is a replica, restore on the server that it replicates from.',
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
