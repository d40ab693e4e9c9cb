import { describe, expect, test } from 'vitest';
import { TextEdits } from '../../../../src/sql/script/text-edits.ts';
import type { TextEdit } from '../../../../src/sql/script/text-edits.ts';
import { everySplit } from '../chunks.ts';

function edit(text: string, edits: readonly TextEdit[], chunks: readonly Buffer[]): string {
  const editor = new TextEdits(edits);
  const pieces = chunks.flatMap((chunk) => [...editor.push(chunk)]);
  return Buffer.concat(pieces).toString();
}

/** An edit of the first occurrence of `found`. */
function replace(text: string, found: string, replacement = ''): TextEdit {
  const start = text.indexOf(found);
  return { start, end: start + found.length, replacement };
}

describe('TextEdits', () => {
  const text = 'one;\nUSE `shop`;\ntwo;\nCREATE DATABASE\n  `shop`;\nthree;\n';
  const edits = [replace(text, 'USE `shop`;'), replace(text, 'CREATE DATABASE\n  `shop`', 'DO 0')];
  const expected = 'one;\n\ntwo;\nDO 0\n;\nthree;\n';

  test('takes out and puts in, and keeps the newlines of what goes', () => {
    expect(edit(text, edits, [Buffer.from(text)])).toBe(expected);
    expect(expected.split('\n').length).toBe(text.split('\n').length);
  });

  test('gives the same however the text is cut into chunks', () => {
    for (const chunks of everySplit(Buffer.from(text))) expect(edit(text, edits, chunks)).toBe(expected);
  });

  test('gives the text itself when there is nothing to edit', () => {
    expect(edit(text, [], [Buffer.from(text)])).toBe(text);
  });

  test.each<[title: string, edits: TextEdit[], expected: string]>([
    ['at the very start', [{ start: 0, end: 1, replacement: 'X' }], 'Xbcdef'],
    ['at the very end', [{ start: 5, end: 6, replacement: 'X' }], 'abcdeX'],
    [
      'side by side',
      [
        { start: 1, end: 2, replacement: 'X' },
        { start: 2, end: 3, replacement: 'Y' },
      ],
      'aXYdef',
    ],
    ['of nothing, which puts in', [{ start: 3, end: 3, replacement: 'X' }], 'abcXdef'],
    ['of everything', [{ start: 0, end: 6, replacement: '' }], ''],
  ])('an edit %s', (_title, given, result) => {
    for (const chunks of everySplit(Buffer.from('abcdef')))
      expect(edit('abcdef', given, chunks)).toBe(result);
  });
});
