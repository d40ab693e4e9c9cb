import { expect, test } from 'vitest';
import { LineEnds } from '../../../../src/sql/lexer/line-ends.ts';
import { everySplit } from '../chunks.ts';

test.each([
  ['a\r\nb\r\n', 'a\nb\n'],
  ['a\r\n\r\nb', 'a\n\nb'],
  ["a\r\n'b\r\nc'\r\r\n\rd\n\r", "a\n'b\nc'\r\n\rd\n\r"],
  ["a\n'b\r\nc'\r\n\r", "a\n'b\r\nc'\r\n\r"],
  ['\r\n', '\n'],
  ['\n\r\n', '\n\r\n'],
  ['a\rb', 'a\rb'],
  ['a\r', 'a\r'],
  ['', ''],
])('%j is read as %j, however it is cut', (text, read) => {
  for (const chunks of everySplit(Buffer.from(text))) {
    const ends = new LineEnds();
    const parts = [...chunks].map((chunk) => Buffer.from(ends.push(chunk)));
    expect(Buffer.concat([...parts, ends.finish()]).toString()).toBe(read);
  }
});
