import { expect, test } from 'vitest';
import { dumpedDefinition } from '../../../../src/sql/definitions/dumped-definition.ts';

test('is the statement that makes the table', () => {
  const section =
    "-- Table structure for table `t`\n--\n\nDROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (\n  `a` int\n) COMMENT='a;b';\n/*!40101 SET x */;\n";

  expect(dumpedDefinition(section)).toBe("CREATE TABLE `t` (\n  `a` int\n) COMMENT='a;b'");
});

test('is not known before its end was read', () => {
  expect(dumpedDefinition('DROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (\n')).toBeUndefined();
  expect(dumpedDefinition('-- Table structure for table `CREATE `\n')).toBeUndefined();
});
