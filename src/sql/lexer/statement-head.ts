import { listeningTo } from './sql-listener.ts';
import { SqlReader } from './sql-lexer.ts';
import { shownStatement } from './statement.ts';
import type { SqlStatement } from './statement.ts';
import { referenceOn } from '../script/table-clauses.ts';

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
  const head = firstStatement(statement);
  return {
    text: shownStatement(head?.tokens ?? []),
    hasRows:
      head === undefined ||
      head.shape === 'rows' ||
      !/^(?:create|alter|drop|set)$/.test(head.tokens[0]?.text ?? ''),
  };
}

/** The table of a CREATE TRIGGER, as the statement writes it, quotes and all. */
export function tableOfTrigger(statement: Buffer): Buffer | undefined {
  const name = referenceOn(firstStatement(statement)?.tokens ?? [])?.token;
  return name && statement.subarray(name.start, name.end);
}

function firstStatement(statement: Buffer): SqlStatement | undefined {
  let head: SqlStatement | undefined;
  const reader = new SqlReader(listeningTo({ statement: (found) => (head ??= found) }));
  reader.push(statement.subarray(0, READ_BYTES));
  reader.finish();
  return head;
}
