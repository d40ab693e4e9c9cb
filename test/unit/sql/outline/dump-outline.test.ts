import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpOutline, isEndLine } from '../../../../src/sql/outline/dump-outline.ts';
import { everySplit, randomChunks, seededRandom } from '../chunks.ts';
import { DUMPS, dumpFile, ODD_DUMP } from '../../../fixtures/some-dumps.ts';

/** All that an outline tells of a text that comes in these chunks. */
function outlineOf(chunks: readonly Buffer[]) {
  const outline = new DumpOutline();
  const announced = chunks.flatMap((chunk) => [...outline.push(chunk)]);
  const complete = outline.finish();
  const { sections, complaints, views, bytes } = outline;
  return { sections, announced, complete, complaints, views: [...views], bytes };
}

describe('DumpOutline', () => {
  test.each(DUMPS)('follows $file', ({ file, tables, views }) => {
    const text = readFileSync(dumpFile(file));
    const outline = outlineOf([text]);

    expect(outline.sections.map(({ table }) => table)).toEqual(tables);
    expect(outline).toMatchObject({ views, complete: true, complaints: [], bytes: text.length });
  });

  test.each(DUMPS)('gives each section of $file from its heading to the next one', ({ file }) => {
    const text = readFileSync(dumpFile(file));
    const { sections } = outlineOf([text]);

    for (const { table, start, uncompressedBytes } of sections) {
      const section = text.toString('utf8', start, start + uncompressedBytes);
      expect(section).toMatch(/^-- (Table structure for table|Sequence structure for) `/);
      expect(section.match(/^-- (Table|Sequence|Final view) structure /gm)).toHaveLength(1);
      expect(section).toContain(
        `CREATE ${section.startsWith('-- T') ? 'TABLE' : 'SEQUENCE'} \`${quoted(table)}\``,
      );
    }
  });

  test.each([...DUMPS.map(({ file }) => readFileSync(dumpFile(file))), ODD_DUMP])(
    'tells the same of dump %# however it is cut into chunks',
    (text) => {
      const whole = outlineOf([text]);
      const random = seededRandom(42);

      expect(outlineOf(Array.from(text, (byte) => Buffer.of(byte)))).toEqual(whole);
      for (let round = 0; round < 60; round++) {
        const longest = [3, 40, 700, 5000][round % 4] ?? 1;
        expect(outlineOf(randomChunks(text, longest, random)), `round ${round}`).toEqual(whole);
      }
    },
  );

  test('announces every section once, when it starts', () => {
    const { announced, sections } = outlineOf(Array.from(ODD_DUMP, (byte) => Buffer.of(byte)));

    expect(announced).toEqual(sections);
    expect(sections.map(({ table }) => table)).toEqual(['plain', 'tick`ed', 'two\nlines']);
  });

  test.each<{ title: string; text: string; complete: boolean }>([
    { title: 'the end line', text: 'SELECT 1;\n-- Dump completed on 2026-11-23  3:47:54\n', complete: true },
    { title: 'an end line without date', text: 'SELECT 1;\n-- Dump completed\n', complete: true },
    { title: 'an end line without newline', text: 'SELECT 1;\n-- Dump completed', complete: true },
    { title: 'blank lines after it', text: '-- Dump completed\n\n\n', complete: true },
    { title: 'a line before it that has no end', text: '-- Dump completed', complete: true },
    { title: 'a statement after it', text: '-- Dump completed\nDROP TABLE t;\n', complete: false },
    { title: 'an unended statement after it', text: '-- Dump completed\nINSERT', complete: false },
    { title: 'a comment after it', text: '-- Dump completed\n-- more\n', complete: false },
    {
      title: 'a long comment after it',
      text: `-- Dump completed\n-- ${'x'.repeat(3000)}\n`,
      complete: false,
    },
    {
      title: 'a long unended comment after it',
      text: `-- Dump completed\n-- ${'x'.repeat(3000)}`,
      complete: false,
    },
    {
      title: 'the words within a row',
      text: "INSERT INTO t VALUES ('\\n-- Dump completed');\n",
      complete: false,
    },
    { title: 'a part of the end line', text: 'SELECT 1;\n-- Dump comp', complete: false },
    { title: 'nothing', text: '', complete: false },
  ])('ends with $title: complete $complete', ({ text, complete }) => {
    for (const chunks of everySplit(Buffer.from(text))) expect(outlineOf(chunks).complete).toBe(complete);
  });

  test.each([
    '-- insufficient privileges to SHOW CREATE PROCEDURE `p`',
    '-- does backup have permissions on mysql.proc?',
    '-- Warning: column statistics not supported by the server.',
    '-- failed on view `v`: CREATE ALGORITHM=UNDEFINED',
  ])('hears the tool complain: %s', (complaint) => {
    expect(outlineOf([Buffer.from(`SELECT 1;\n${complaint}\n`)]).complaints).toEqual([complaint.slice(3)]);
  });

  test('hears no complaint, and cannot see any table, in the body of a routine', () => {
    const body = '-- Warning: slow\n-- Table structure for table `x`\n';
    const text = `DELIMITER ;;\nCREATE PROCEDURE p() BEGIN\n${body}END ;;\nDELIMITER ;\n`;

    expect(outlineOf([Buffer.from(text)])).toMatchObject({ complaints: [], sections: [] });
  });
});

function quoted(table: string): string {
  return table.replaceAll('`', '``');
}

test.each([
  ['-- Dump completed on 2026-11-23  3:47:54', true],
  ['-- Dump completed', true],
  ['-- Dump completed\r', true],
  ['--Dump completed', false],
  [' -- Dump completed', false],
  ['-- Dump completed. Not.', false],
])('%j is an end line: %s', (line, ends) => {
  expect(isEndLine(line)).toBe(ends);
});
