import { expect, test } from 'vitest';
import { sameWords, wordsOfView } from '../../../../src/sql/definitions/view-text.ts';

const sameView = (one: string, other: string): boolean => sameWords(wordsOfView(one), wordsOfView(other));

const DUMPED = [
  '/*!50001 CREATE ALGORITHM=UNDEFINED */',
  '/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */',
  "/*!50001 VIEW `w` AS select `a`.`x` AS `x` from `a` join `b` where `a`.`x` = '(it''s, a)' */",
].join('\n');
const SHOWN =
  "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `w` AS select `a`.`x` AS `x` from (`a` join `b`) where (`a`.`x` = '(it''s, a)')";

test('a view is the same in a dump and as the server shows it, with other parentheses', () => {
  expect(sameView(DUMPED, SHOWN)).toBe(true);
  expect(sameView(`${DUMPED};`, SHOWN)).toBe(true);
});

test.each([
  ['a value', SHOWN.replace("'(it''s, a)'", "'(it''s, b)'")],
  ['parentheses in a value', SHOWN.replace("'(it''s, a)'", "'it''s, a'")],
  ['a column', SHOWN.replace('`a`.`x` AS', '`a`.`y` AS')],
  ['a condition', SHOWN.replace(/ where .*/, '')],
  ['a check option', `${SHOWN} WITH CASCADED CHECK OPTION`],
])('it is not the same with another %s', (_title, other) => {
  expect(sameView(DUMPED, other)).toBe(false);
});

test('its own database is left out, wherever it is named, and no other', () => {
  const view = (database: string, schema: string): readonly string[] =>
    wordsOfView(
      `CREATE VIEW \`${schema}\`.\`w\` AS select \`${schema}\`.\`a\`.\`x\` from (\`${schema}\`.\`a\` join \`o\`.\`${database}\`)`,
      [database, schema],
    );

  expect(view('shop', 'shop').join(' ')).toBe(view('shop', 'dbbackup_stage_x').join(' '));
  expect(view('shop', 'shop').join(' ')).toContain('`o` . `shop`');
});
