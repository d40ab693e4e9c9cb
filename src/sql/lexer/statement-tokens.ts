import { OUR_CHARSET } from './client-charset.ts';
import { listeningTo } from './sql-listener.ts';
import { SqlReader } from './sql-lexer.ts';
import type { SqlToken } from './statement.ts';

/**
 * The tokens of a text; undefined when it is not one clean statement.
 *
 * @param charset In which its names are written.
 */
export function tokensOf(statement: Buffer, charset = OUR_CHARSET): readonly SqlToken[] | undefined {
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
  reader.setCharset(charset);
  reader.push(statement);
  reader.push(Buffer.from(';'));
  reader.finish();
  return found.length === 1 && !unclear ? found[0] : undefined;
}
