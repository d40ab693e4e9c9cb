import { listeningTo } from './sql-listener.ts';
import { SqlReader } from './sql-reader.ts';
import type { SqlToken } from './sql-statement.ts';

/** The tokens of a text; undefined when it is not one clean statement. */
export function tokensOf(statement: Buffer): readonly SqlToken[] | undefined {
  const found: (readonly SqlToken[])[] = [];
  let unclear = false as boolean; // the callbacks set it
  const reader = new SqlReader(
    listeningTo({
      statement: ({ tokens, cut }) => {
        unclear ||= cut;
        found.push(tokens);
      },
      suspicious: () => (unclear = true),
      malformed: () => (unclear = true),
    }),
  );
  reader.push(statement);
  reader.push(Buffer.from(';'));
  reader.finish();
  return found.length === 1 && !unclear ? found[0] : undefined;
}
