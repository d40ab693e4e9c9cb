import { expect, test } from 'vitest';
import { forScratchSchema, replacingView } from '../../../src/model/program-text.ts';
import type { Program } from '../../../src/model/program-text.ts';
import { scriptOf } from './some-scripts.ts';

/** The only program of a dump of shop, with its text. */
function programOf(sql: string): Program {
  // Where it stands must make no difference.
  const dump = Buffer.from(`-- größe\nDELIMITER ;;\n${sql};;\nDELIMITER ;\n`);
  const [script] = scriptOf(dump).programs;
  if (script === undefined) throw new Error(`no program: ${sql}`);
  return { script, text: dump.subarray(script.statement.start, script.statement.end) };
}

test('in a scratch schema a program uses what is there', () => {
  const sql = 'CREATE VIEW `v` AS select `shop`.`t`.`a` AS `größe` from (`shop`.`t` join `other`.`u`)';

  expect(forScratchSchema(programOf(sql), 'dbbackup_stage_x`y')?.toString()).toBe(
    'CREATE VIEW `v` AS select `dbbackup_stage_x``y`.`t`.`a` AS `größe` from (`dbbackup_stage_x``y`.`t` join `other`.`u`)',
  );
});

test('a program that names no database stays as it is', () => {
  const sql = 'CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 1';

  expect(forScratchSchema(programOf(sql), 's')?.toString()).toBe(sql);
});

test('an event is made there without being switched on', () => {
  const event = (state: string): Program =>
    programOf(`CREATE EVENT \`e\` ON SCHEDULE EVERY 1 DAY ${state} DO delete from \`shop\`.\`t\``);

  expect(forScratchSchema(event('ON COMPLETION PRESERVE ENABLE'), 's')?.toString()).toBe(
    'CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE DO delete from `s`.`t`',
  );
  expect(forScratchSchema(event('DISABLE'), 's')?.toString()).toContain('1 DAY DISABLE DO delete from `s`');
});

test('an event that does not say where it is switched on is not tried', () => {
  expect(
    forScratchSchema(programOf('CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1'), 's'),
  ).toBeUndefined();
});

test.each([
  ['CREATE VIEW `v` AS select 1 AS `a`', 'CREATE OR REPLACE VIEW `v` AS select 1 AS `a`'],
  [
    '/*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50001 VIEW `v` AS select 1 AS `a` */',
    '/*!50001 CREATE OR REPLACE ALGORITHM=UNDEFINED */ /*!50001 VIEW `v` AS select 1 AS `a` */',
  ],
  ['CREATE OR REPLACE VIEW `v` AS select 1 AS `a`', 'CREATE OR REPLACE VIEW `v` AS select 1 AS `a`'],
  ['CREATE PROCEDURE `p`() select 1', 'CREATE PROCEDURE `p`() select 1'],
])('in the place of one that is there: %s', (sql, replacing) => {
  expect(replacingView(programOf(sql)).toString()).toBe(replacing);
});
