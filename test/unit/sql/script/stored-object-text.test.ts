import { expect, test } from 'vitest';
import { forScratchSchema, forTarget, replacingView } from '../../../../src/sql/script/stored-object-text.ts';
import type { TextOfObject } from '../../../../src/sql/script/stored-object-text.ts';
import { scriptOf } from './some-scripts.ts';

/** The only program of a dump of shop, with its text. */
function programOf(sql: string, target = 'shop'): TextOfObject {
  // Where it stands must make no difference.
  const dump = Buffer.from(`-- größe\nDELIMITER ;;\n${sql};;\nDELIMITER ;\n`);
  const [script] = scriptOf(dump, { target }).storedObjects;
  if (script === undefined) throw new Error(`no program: ${sql}`);
  return { script, text: dump.subarray(script.statement.start, script.statement.end) };
}

function inScratch(program: TextOfObject, schema: string): { text: string; asWritten: string | undefined } {
  const trial = forScratchSchema(program, schema);
  if (trial === undefined) throw new Error('it is not tried');
  return { text: trial.text.toString(), asWritten: trial.asWritten?.toString() };
}

test('in a scratch schema a view reads what is there; otherwise it is as the dump has it', () => {
  const sql = 'CREATE VIEW `v` AS select `shop`.`t`.`a` AS `größe` from (`shop`.`t` join `other`.`u`)';

  expect(inScratch(programOf(sql), 'dbbackup_stage_x`y')).toEqual({
    text: 'CREATE VIEW `v` AS select `dbbackup_stage_x``y`.`t`.`a` AS `größe` from (`dbbackup_stage_x``y`.`t` join `other`.`u`)',
    asWritten: sql,
  });
});

test('a view is made in a scratch schema even where it names its database, in either form', () => {
  const sql = 'CREATE VIEW `shop`.`v` AS select `shop`.`a` from `shop`.`t` `shop`';

  expect(inScratch(programOf(sql), 's')).toEqual({
    text: 'CREATE VIEW `s`.`v` AS select `shop`.`a` from `s`.`t` `shop`',
    asWritten: 'CREATE VIEW `s`.`v` AS select `shop`.`a` from `shop`.`t` `shop`',
  });
});

test('of a trigger the table is one of the scratch schema, and the body stays', () => {
  const sql =
    'CREATE TRIGGER shop.r BEFORE INSERT ON SHOP.`t` FOR EACH ROW insert into shop.u values (shop.f())';

  expect(inScratch(programOf(sql, 'copy'), 's')).toEqual({
    text: 'CREATE TRIGGER `s`.r BEFORE INSERT ON `s`.`t` FOR EACH ROW insert into shop.u values (shop.f())',
    asWritten: undefined,
  });
  expect(forTarget(programOf(sql, 'copy')).toString()).toBe(
    'CREATE TRIGGER `copy`.r BEFORE INSERT ON `copy`.`t` FOR EACH ROW insert into shop.u values (shop.f())',
  );
});

test('a program that names no database stays as it is', () => {
  const sql = 'CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 1';

  expect(inScratch(programOf(sql), 's')).toEqual({ text: sql, asWritten: undefined });
});

test('an event is made there without being switched on', () => {
  const event = (state: string): TextOfObject =>
    programOf(`CREATE EVENT \`e\` ON SCHEDULE EVERY 1 DAY ${state} DO delete from \`shop\`.\`t\``);

  expect(inScratch(event('ON COMPLETION PRESERVE ENABLE'), 's').text).toBe(
    'CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE DO delete from `shop`.`t`',
  );
  expect(inScratch(event('DISABLE'), 's').text).toContain('1 DAY DISABLE DO delete from `shop`');
});

test('an event that does not say where it is switched on is not tried', () => {
  expect(
    forScratchSchema(programOf('CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1'), 's'),
  ).toBeUndefined();
});

test('a text whose end stands in a comment gets a line of its own for it', () => {
  const head = '/*!50003 CREATE*/ /*!50003 TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 1';
  const dump = Buffer.from(`DELIMITER ;;\n${head} -- note */;;\nDELIMITER ;\nUNLOCK TABLES;\n`);
  const [script] = scriptOf(dump).storedObjects;
  const text = dump.subarray(script!.statement.start, script!.statement.end);

  expect(forTarget({ script: script!, text }).toString()).toBe(`${head} -- note\n */`);
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
