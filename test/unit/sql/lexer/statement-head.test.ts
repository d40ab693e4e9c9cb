import { describe, expect, test } from 'vitest';
import { headOf } from '../../../../src/sql/lexer/statement-head.ts';

describe('headOf', () => {
  test.each([
    {
      statement: "INSERT INTO `goods` (`id`, `name`) VALUES (1,'canary'),(2,'canary')",
      text: 'INSERT INTO `goods`(`id`, `name`) VALUES',
      hasRows: true,
    },
    {
      statement: "/*!40000 REPLACE INTO `t` VALUES ('canary')",
      text: 'REPLACE INTO `t` VALUES',
      hasRows: true,
    },
    {
      statement: "CREATE TABLE `t` (\n  `a` int DEFAULT 'canary'\n)",
      text: "CREATE TABLE `t`(`a` int default '…')",
      hasRows: false,
    },
    {
      statement: "CREATE VIEW `v` AS SELECT 'canary' AS `x` FROM `t`",
      text: "CREATE VIEW `v` AS SELECT '…' AS `x` FROM `t`",
      hasRows: false,
    },
    {
      statement: 'ALTER TABLE `t` ADD KEY `k` (`a`)',
      text: 'ALTER TABLE `t` add key `k`(`a`)',
      hasRows: false,
    },
    { statement: "UPDATE t SET a = 'canary'", text: "UPDATE t SET a = '…'", hasRows: true },
    { statement: "'canary", text: '…', hasRows: true },
    { statement: '', text: '…', hasRows: true },
  ])('of $statement', ({ statement, text, hasRows }) => {
    const head = headOf(Buffer.from(statement));

    expect(head).toEqual({ text, hasRows });
  });

  test('shows no more than the start of a long statement', () => {
    const head = headOf(Buffer.from(`CREATE TABLE t (${'a int, '.repeat(10_000)} b int)`));

    expect(head).toMatchObject({ hasRows: false });
    expect(head.text.length).toBeLessThanOrEqual(120);
  });
});
