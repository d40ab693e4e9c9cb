/** Both forms that mariadb-dump has written; MySQL's client stops at the older one. */
export const SANDBOX_LINE = /^\/\*M?!999999\\- enable the sandbox mode \*\//;

/** What the clients do themselves when it starts a line between statements. */
export const CLIENT_COMMANDS: ReadonlySet<string> = new Set(
  (
    'charset clear connect costs edit ego exit go help nopager notee nowarning pager print prompt ' +
    'query_attributes quit rehash resetconnection sandbox source ssl_session_data_print status system tee warnings'
  ).split(' '),
);

/** How what a program says on stderr starts: `mysqldump: [Warning] …`, `/usr/bin/mariadb-dump: Deprecated …`. */
const MESSAGE =
  /^(?:[\w./\\:-]*[/\\])?((?:mysql|mariadb|mydumper)[\w-]*|docker|podman|kubectl|ssh|sudo|bash|sh)(?:\.exe)?: /i;
/** The same without its name: of what asks for a password, and of what warns of GTIDs. */
const NAMELESS_MESSAGE = /^(?:Enter password|Warning|Error): /;

/** Whose message a line between statements is; undefined when it is none. No statement of SQL starts so. */
export function objectOfMessage(line: string): string | undefined {
  return MESSAGE.exec(line)?.[1] ?? (NAMELESS_MESSAGE.test(line) ? 'the dump tool' : undefined);
}

/** Letters, digits, quotes and comment signs as delimiters are read differently by clients: not taken. */
const DELIMITER_LINE = /^delimiter[ \t]+([;$/|@~^%&!]{1,15})[ \t\r]*$/i;

/** The delimiter that a `DELIMITER` line sets; undefined when clients may not agree on it. */
export function delimiterIn(line: string): string | undefined {
  return DELIMITER_LINE.exec(line)?.[1];
}

/** Versions that every supported server has, and neither MariaDB nor MySQL takes for the other's. */
const NEWEST_COMMON_VERSION = 50699;

/** How a comment starts whose text is run, at least by some servers. */
export interface VersionMark {
  readonly length: number;
  /** Some servers skip the text, and then do not look at quotes in it. */
  readonly differs: boolean;
}

/**
 * Reads how a comment starts: `/*!50003`, `/*M!100616`; undefined for a plain one. MariaDB skips 50700 to 99999,
 * which are MySQL's; MySQL takes `/*M!` for a plain comment; each skips what is newer than itself.
 */
export function readVersionMark(comment: string): VersionMark | undefined {
  const mark = /^\/\*(M?)!(\d{5,6})?/.exec(comment);
  if (mark === null) return undefined;
  const [text, mariadb, version] = mark;
  const isCommon =
    version === undefined || (version.length === 5 && Number(version) <= NEWEST_COMMON_VERSION);
  return {
    length: text.length,
    differs: mariadb === 'M' || !isCommon,
  };
}
