import { describe, expect, test } from 'vitest';
import { parseOptionFile } from '../../../../src/settings/option-files/parse-option-file.ts';

const read = (text: string) =>
  parseOptionFile(text, '/x.cnf').map((line) =>
    line.kind === 'option' ? [line.group, line.name, line.value] : [line.kind, line.path],
  );

/** The value of `p` when the line is `p` followed by this text. */
const valueOf = (text: string) => read(`[client]\np${text}\n`)[0]?.[2];

describe('parseOptionFile', () => {
  // Each row is what my_print_defaults of MariaDB 10.11 and 11.8 and of MySQL 9.7 gives for the line.
  test.each<[string, string | undefined]>([
    ['=p#w', 'p'],
    [' = "p#w"', 'p#w'],
    ["='a b'", 'a b'],
    ['="a\\"b"', 'a"b'],
    ['="a\\\\b"', 'a\\b'],
    ['=a\\sb', 'a b'],
    [' = a b   ', 'a b'],
    ['="a b" # c', 'a b'],
    ["='it''s'", "it''s"],
    ['="x\'y"', "x'y"],
    ['=a;b', 'a;b'],
    ['=\\#x', '\\'],
    ['="\\x"', '\\x'],
    ['', undefined],
    ['=', ''],
    [' = ""', ''],
    ['= # c', ''],
    ["='a'b", "'a'b"],
    ['="a"b"', 'a"b'],
    ["='a # b", "'a # b"],
    ["=a' # b'", "a' # b'"],
    ['="a\\\\"', 'a\\'],
    ['=p\\\\\\#x', 'p\\\\'],
    ['="tab\\there\\nnl\\rcr\\bbs\\sp"', 'tab\there\nnl\rcr\bbs p'],
    ['=é😀', 'é😀'],
    ['="a', '"a'],
    ['=\\"', '"'],
    ['=a"b#c"d', 'a"b#c"d'],
    ["='a\\'#b'", "a'#b"],
    ['=a=b', 'a=b'],
    ['="\\\\\\""', '\\"'],
    ['=\\', '\\'],
    ['=\u00a0x\u00a0', '\u00a0x\u00a0'],
  ])('reads p%s as the clients do', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  test('takes dashes and underscores alike, and sets loose- aside', () => {
    expect(parseOptionFile('[client]\nloose_ssl_ca=x\nssl-key=y', '/x')).toMatchObject([
      { name: 'ssl-ca', loose: true },
      { name: 'ssl-key', loose: false },
    ]);
  });

  test('knows groups, and ignores what follows their bracket', () => {
    expect(read('[a] # c\nx=1\n[b ]more\ny=2\n[ c]\nz')).toEqual([
      ['a', 'x', '1'],
      ['b', 'y', '2'],
      [' c', 'z', undefined],
    ]);
  });

  test('skips comments, empty lines and unknown directives, and reads Windows line ends', () => {
    expect(read('# c\r\n; c\r\n\r\n[a]\r\n  # c\r\n\tx = 1\r\n!foo bar\r\ny')).toEqual([
      ['a', 'x', '1'],
      ['a', 'y', undefined],
    ]);
  });

  test('hands includes to the reader, the rest of the line being the path', () => {
    expect(read('!includedir /etc/mysql/conf.d/\n  !include   /a b.cnf  ')).toEqual([
      ['includedir', '/etc/mysql/conf.d/'],
      ['include', '/a b.cnf'],
    ]);
  });

  test.each([
    ['an option before the first group', 'password=secret\n'],
    ['a byte order mark', '\ufeff[client]\npassword=secret\n'],
    ['a group without ]', '[client\n'],
  ])('refuses %s with file and line, without the text', (_, text) => {
    expect(() => parseOptionFile(text, '/x.cnf')).toThrow(/\/x\.cnf has .* at line 1/);
    expect(() => parseOptionFile(text, '/x.cnf')).not.toThrow(/secret/);
  });
});
