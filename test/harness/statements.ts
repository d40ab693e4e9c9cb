import { createConnection } from 'mysql2/promise';
import type { QueryError } from 'mysql2/promise';

/** Tells that SQL was refused, or that no server answered; the message is as the client has it. */
export class SqlError extends Error {}

type Row = readonly (Buffer | null)[];

const LONGEST_PACKET = 100_000;

/** Of several statements in one packet, MySQL keeps the `;` behind the body of a stored object. */
const ENDED_BODY = /\b(CREATE|ALTER)\b[^;]*\b(PROCEDURE|FUNCTION|TRIGGER|EVENT|VIEW|PACKAGE)\b[^]*;/i;

/** Whether a script may be sent as it is, rather than by the client, which splits it. */
export function isPlainSql(text: string | Uint8Array): text is string {
  return (
    typeof text === 'string' &&
    text.trim() !== '' &&
    text.length < LONGEST_PACKET &&
    !/^\s*DELIMITER\b/im.test(text) &&
    !ENDED_BODY.test(text)
  );
}

/**
 * Runs statements over a connection of their own, as the stock client does, and gives what they selected as it prints
 * it with `--batch --skip-column-names`. To start the client would cost ten times as much, and tests ask a lot.
 *
 * @throws {SqlError}
 */
export async function runStatements(
  text: string,
  {
    charset,
    ...target
  }: {
    readonly socketPath: string;
    readonly user: string;
    readonly database?: string;
    readonly charset: string;
  },
): Promise<string> {
  try {
    const connection = await createConnection({
      ...target,
      charset,
      connectTimeout: 60_000,
      multipleStatements: true,
      rowsAsArray: true,
      typeCast: (field) => field.buffer(),
      flags: NOT_OF_THE_CLIENT,
    });
    try {
      const [result] = await connection.query(text);
      return rowsOf(result).map(printed).join('');
    } finally {
      await connection.end().catch(() => undefined); // the statement may have ended it
    }
  } catch (error) {
    const { errno, sqlState, message } = error as Partial<QueryError> & Error;
    throw new SqlError(`ERROR ${errno ?? ''} (${sqlState ?? ''}) at line 1: ${message}`, { cause: error });
  }
}

/** What the driver says of itself and the client does not; with SESSION_TRACK it would encode anew after SET NAMES. */
const NOT_OF_THE_CLIENT = ['-IGNORE_SPACE', '-FOUND_ROWS', '-LOCAL_FILES', '-ODBC', '-SESSION_TRACK'];

/** The driver gives the rows of one statement, or a list of such results. */
function rowsOf(result: unknown): readonly Row[] {
  if (!Array.isArray(result)) return []; // of a statement that selects nothing
  const list: readonly unknown[] = result;
  const isRow = list[0] === null || Buffer.isBuffer(list[0]);
  return isRow ? [list as Row] : list.flatMap(rowsOf);
}

function printed(row: Row): string {
  const values = row.map((value) =>
    value === null ? 'NULL' : value.toString('utf8').replace(/[\0\t\n\\]/g, (each) => ESCAPES[each]!),
  );
  return `${values.join('\t')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\0': '\\0', '\t': '\\t', '\n': '\\n', '\\': '\\\\' };
