import { SessionSettings } from '../../../src/model/session-settings.ts';
import { SqlReader } from '../../../src/model/sql-reader.ts';
import { isWord } from '../../../src/model/sql-statement.ts';
import type { SqlStatement } from '../../../src/model/sql-statement.ts';

/** What a reader of its own finds, with quotes read as the guard reads them. */
export function statementsOf(text: Buffer): readonly SqlStatement[] {
  const found: SqlStatement[] = [];
  const settings = new SessionSettings();
  const reader = new SqlReader({
    statement: (statement) => {
      if (isWord(statement.tokens[0], 'set')) {
        settings.apply(statement.tokens);
        reader.setQuoting(settings.mode);
      }
      found.push(statement);
    },
    code: () => undefined,
    row: () => undefined,
    commentLine: () => undefined,
    harmless: () => undefined,
    suspicious: () => undefined,
    malformed: () => undefined,
  });
  reader.push(text);
  reader.finish();
  return found;
}
