import { RoutineBody } from '../../../src/sql/lexer/routine-body.ts';
import { SessionSettings } from '../../../src/sql/settings/session-settings.ts';
import { SqlReader } from '../../../src/sql/lexer/sql-lexer.ts';
import { isWord } from '../../../src/sql/lexer/statement.ts';
import type { SqlStatement } from '../../../src/sql/lexer/statement.ts';
import { listeningTo } from '../../../src/sql/lexer/sql-listener.ts';

/** What a reader of its own finds, with quotes read as the guard reads them. */
export function statementsOf(text: Buffer): readonly SqlStatement[] {
  const found: SqlStatement[] = [];
  let body: RoutineBody | undefined;
  const settings = new SessionSettings();
  const reader = new SqlReader(
    listeningTo({
      statement: (statement) => {
        body = undefined;
        if (isWord(statement.tokens[0], 'set')) {
          settings.apply(statement.tokens);
          reader.setQuoting(settings.mode);
          reader.setCharset(settings.charset);
        }
        found.push(statement);
      },
      code: (token) => {
        body ??= new RoutineBody(settings.mode.oracle);
        body.isBehind(token);
      },
      codeMayEnd: () => body?.mayEnd === true,
    }),
  );
  reader.push(text);
  reader.finish();
  return found;
}
