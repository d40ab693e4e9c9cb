import { expect, test } from 'vitest';
import { type Part, SectionParts } from '../../../../src/dump/renew/section-parts.ts';

const HEAD =
  '-- Table structure for table `t`\n--\n\nCREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB;\n\n--\n';
const ROWS =
  "-- Dumping data for table `t`\n--\n\nLOCK TABLES `t` WRITE;\nINSERT INTO `t` VALUES (1,'\\n-- Dumping data for table'),(2,'/*!50003 SET @saved_cs_client');\nUNLOCK TABLES;\n";
const TRIGGERS =
  '/*!50003 SET @saved_cs_client      = @@character_set_client */ ;\nDELIMITER ;;\n/*!50003 TRIGGER x */;;\nDELIMITER ;\n';
const COLLATION = 'ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n';
const END = '\n--\n';
const FOOT = '/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n-- Dump completed on 2026-11-27\n';

function partsOf(text: string, size: number): Readonly<Record<Part, string>> {
  const found: Record<Part, string> = { head: '', rows: '', tail: '' };
  const parts = new SectionParts();
  const take = (pieces: ReturnType<SectionParts['push']>): void => {
    for (const { part, bytes } of pieces) found[part] += bytes.toString('latin1');
  };
  for (let at = 0; at < text.length; at += size)
    take(parts.push(Buffer.from(text.slice(at, at + size), 'latin1')));
  take(parts.finish());
  return found;
}

test.each([1, 2, 3, 7, 40, 64, 100_000])('a section in pieces of %i bytes falls into its parts', (size) => {
  expect(partsOf(HEAD + ROWS + TRIGGERS + END, size)).toEqual({
    head: HEAD,
    rows: ROWS,
    tail: TRIGGERS + END,
  });
  expect(partsOf(HEAD + ROWS + COLLATION + TRIGGERS + END, size)).toEqual({
    head: HEAD,
    rows: ROWS,
    tail: COLLATION + TRIGGERS + END,
  });
});

test.each([1, 5, 100_000])(
  'without triggers, in pieces of %i bytes, the tail is what separates sections',
  (size) => {
    expect(partsOf(HEAD + ROWS + END, size)).toEqual({ head: HEAD, rows: ROWS, tail: END });
  },
);

test('a sequence has no rows', () => {
  const text = '-- Sequence structure for `s`\n--\n\nCREATE SEQUENCE `s`;\nDO SETVAL(`s`, 5, 0);\n';
  expect(partsOf(text + END, 9)).toEqual({ head: text, rows: '', tail: END });
  expect(partsOf(text + FOOT, 9)).toEqual({ head: text, rows: '', tail: FOOT });
});

test.each([1, 8, 100_000])('the end of a dump belongs to no rows (%i)', (size) => {
  expect(partsOf(HEAD + ROWS + FOOT, size)).toEqual({ head: HEAD, rows: ROWS, tail: FOOT });
});
