import { describe, expect, test } from 'vitest';
import { typedLine } from '../../../../src/cli/completion/typed-words.ts';

describe('typedLine', () => {
  test.each([
    { line: 'dbbackup ', replaced: '', before: [], current: '', kept: 0, quote: undefined },
    { line: 'dbbackup cre', replaced: 'cre', before: [], current: 'cre', kept: 0, quote: undefined },
    { line: 'dbbackup show a:b', replaced: 'b', before: ['show'], current: 'a:b', kept: 2, quote: undefined },
    {
      line: 'dbbackup show my\\ d',
      replaced: 'my\\ d',
      before: ['show'],
      current: 'my d',
      kept: 0,
      quote: undefined,
    },
    { line: 'dbbackup show "my d', replaced: 'my d', before: ['show'], current: 'my d', kept: 0, quote: '"' },
    {
      line: "dbbackup show x'my d",
      replaced: 'my d',
      before: ['show'],
      current: 'xmy d',
      kept: 1,
      quote: "'",
    },
    {
      line: 'dbbackup list "" a\\',
      replaced: 'a\\',
      before: ['list', ''],
      current: 'a',
      kept: 0,
      quote: undefined,
    },
    { line: 'dbbackup show $(x', replaced: 'x', before: ['show'], current: '$(x', kept: 2, quote: undefined },
  ])('$line', ({ line, replaced, ...expected }) => {
    expect(typedLine(line, replaced)).toEqual(expected);
  });
});
