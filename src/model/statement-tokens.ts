import { SqlReader } from './sql-reader.ts';
import type { SqlToken } from './sql-statement.ts';

/** The tokens of a text; undefined when it is not one clean statement. */
export function tokensOf(statement: Buffer): readonly SqlToken[] | undefined {
  const found: (readonly SqlToken[])[] = [];
  let unclear = false as boolean; // the callbacks set it
  const reader = new SqlReader({
    statement: ({ tokens, cut }) => {
      unclear ||= cut;
      found.push(tokens);
    },
    code: () => undefined,
    row: () => undefined,
    commentLine: () => undefined,
    harmless: () => undefined,
    confusesClient: () => undefined,
    codeMayEnd: () => false,
    suspicious: () => (unclear = true),
    malformed: () => (unclear = true),
  });
  reader.push(statement);
  reader.push(Buffer.from(';'));
  reader.finish();
  return found.length === 1 && !unclear ? found[0] : undefined;
}
