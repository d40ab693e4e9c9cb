import { RoutineBody } from '../../../src/model/routine-body.ts';
import { SessionSettings } from '../../../src/model/session-settings.ts';
import { SqlReader } from '../../../src/model/sql-reader.ts';
import { isWord } from '../../../src/model/sql-statement.ts';
import type { SqlStatement } from '../../../src/model/sql-statement.ts';
import { listeningTo } from '../../../src/model/sql-listener.ts';

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
