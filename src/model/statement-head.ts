import { SqlReader } from './sql-reader.ts';
import { shownStatement } from './sql-statement.ts';
import type { SqlStatement } from './sql-statement.ts';

/** More than any head: only the values of rows stand further on. */
const READ_BYTES = 4096;

/** What a message may say of a statement of a dump. */
export interface StatementHead {
  /** `` INSERT INTO `goods`(`id`) VALUES ``: its first words and names, no value; fit for a terminal. */
  readonly text: string;
  /** It writes rows, of which a server's message may quote values. */
  readonly hasRows: boolean;
}

/** Reads the head of one statement, without its delimiter. */
export function headOf(statement: Buffer): StatementHead {
  let head: SqlStatement | undefined;
  const ignore = (): void => undefined;
  const reader = new SqlReader({
    statement: (found) => {
      head ??= found;
    },
    code: ignore,
    row: ignore,
    commentLine: ignore,
    harmless: ignore,
    confusesClient: ignore,
    codeMayEnd: () => false,
    suspicious: ignore,
    malformed: ignore,
  });
  reader.push(statement.subarray(0, READ_BYTES));
  reader.finish();
  return {
    text: shownStatement(head?.tokens ?? []),
    hasRows:
      head === undefined ||
      head.shape === 'rows' ||
      !/^(?:create|alter|drop|set)$/.test(head.tokens[0]?.text ?? ''),
  };
}
