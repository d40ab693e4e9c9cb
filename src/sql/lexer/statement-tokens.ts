import { OUR_CHARSET } from './client-charset.ts';
import { listeningTo } from './sql-listener.ts';
import { SqlReader, type Quoting } from './sql-lexer.ts';
import { DEFAULT_MODE } from './sql-modes.ts';
import type { SqlToken } from './statement.ts';

/**
 * The tokens of a text; undefined when it is not one clean statement.
 *
 * @param charset In which its names are written.
 * @param quoting How its quotes are read; as by default.
 */
export function tokensOf(
  statement: Buffer,
  charset = OUR_CHARSET,
  quoting: Quoting = DEFAULT_MODE,
): readonly SqlToken[] | undefined {
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
  reader.setQuoting(quoting);
  reader.push(statement);
  reader.push(Buffer.from(';'));
  reader.finish();
  return found.length === 1 && !unclear ? found[0] : undefined;
}
