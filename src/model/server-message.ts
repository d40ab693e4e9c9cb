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
 * A server's error text without row data: `Duplicate entry '…' for key 'users.email'`.
 *
 * The syntax error quotes the statement itself, whatever it holds; there nothing quoted is shown.
 */
export function redactServerMessage(errno: number, text: string): string {
  if (NAMES_ONLY.has(errno)) return text;
  const duplicate = /^Duplicate entry '.*'( for key '[^']*')$/s.exec(text);
  if (errno === 1062 && duplicate !== null) return `Duplicate entry '…'${duplicate[1] ?? ''}`;
  // What stands behind the value is kept only where it cannot be a part of it: the text may have been cut off.
  const tail = /(?: for column (?:'[^']*'|[`\w.]+))?(?: at (?:row|line) \d+)$/.exec(text)?.[0] ?? '';
  return text.replace(/'.*/s, `'…'${tail}`);
}
