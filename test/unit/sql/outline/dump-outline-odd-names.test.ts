import { describe, expect, test } from 'vitest';
import { DumpOutline } from '../../../../src/sql/outline/dump-outline.ts';
import { SqlBlocks } from '../../../../src/sql/outline/dump-blocks.ts';

/** As mysqldump and mariadb-dump write it: a newline in a name becomes a newline and `-- ` in the heading. */
function sectionOf(name: string): string {
  const quoted = `\`${name.replaceAll('`', '``')}\``;
  const heading = quoted.replaceAll('\n', '\n-- ');
  return `\n--\n-- Table structure for table ${heading}\n--\n\nCREATE TABLE ${quoted} (id INT);\n\n--\n-- Dumping data for table ${heading}\n--\n`;
}

const NAMES = [
  'plain',
  'new\nline',
  '\n-- Dump completed',
  'two\n\nlines',
  'tick`\n`tick',
  'carriage\rreturn',
  'line\u2028separator',
  '`',
  "'",
];

describe('DumpOutline', () => {
  const text = Buffer.from(`${NAMES.map(sectionOf).join('')}\n-- Dump completed on 2026-01-01  0:00:00\n`);

  test.each([1, 2, 7, 1024, text.length])(
    'finds the sections of tables with line ends and quotes in their names, in pieces of %i bytes',
    (size) => {
      const outline = new DumpOutline();
      for (let at = 0; at < text.length; at += size) outline.push(text.subarray(at, at + size));

      expect(outline.finish()).toBe(true);
      expect(outline.sections.map(({ table }) => table)).toEqual(NAMES);
      for (const { table, start } of outline.sections) {
        const heading = `-- Table structure for table \`${table.replaceAll('`', '``').replaceAll('\n', '\n-- ')}\``;
        expect(text.subarray(start).toString().startsWith(heading)).toBe(true);
      }
    },
  );

  test.each([64, 100, 200])('lets no block of %i bytes end within such a heading', (size) => {
    const blocks = new SqlBlocks(size);
    const cut = [...blocks.push(text), ...blocks.finish()];

    expect(Buffer.concat(cut.map(({ bytes }) => Buffer.from(bytes))).equals(text)).toBe(true);
    expect(cut.flatMap(({ place }) => (place !== undefined && 'table' in place ? place.table : []))).toEqual(
      NAMES,
    );
  });

  test('does not take the rest of a name for the end of the dump', () => {
    const outline = new DumpOutline();
    outline.push(Buffer.from('-- Table structure for table `x\n-- Dump completed\n'));

    expect(outline.finish()).toBe(false);
  });
});
