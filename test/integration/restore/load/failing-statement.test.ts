import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, expectSameDump } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../../harness/failure.ts';
import { lineOf } from '../../../harness/planted-backup.ts';
import { expectNoRowData } from '../../../harness/row-data.ts';
import { workspace } from '../../../harness/workspace.ts';

/** In a row that is there twice, and in the bodies of programs that the server does not take. */
const CANARY = 'canary-in-a-row';

/** One of everything; of `b_middle` the rows come in two statements. */
const SQL = `
  CREATE TABLE a_first (id INT PRIMARY KEY, v VARCHAR(60));
  INSERT INTO a_first VALUES (1, 'one'), (2, 'two');
  CREATE TABLE b_middle (id INT PRIMARY KEY, v VARCHAR(60), first_id INT, KEY (v), FOREIGN KEY (first_id) REFERENCES a_first (id));
  INSERT INTO b_middle VALUES (1, 'one', 1), (2, 'two', NULL);
  CREATE TABLE c_last (id INT PRIMARY KEY, v VARCHAR(60));
  INSERT INTO c_last VALUES (1, 'one');
  CREATE VIEW a_view AS SELECT id, 'view-text' AS words FROM a_first;
  CREATE VIEW b_view AS SELECT id FROM a_view;
  DELIMITER $$
  CREATE TRIGGER a_trigger BEFORE INSERT ON a_first FOR EACH ROW BEGIN SET NEW.v = 'trigger-text'; END$$
  CREATE PROCEDURE a_procedure() BEGIN DECLARE n INT; SELECT 'procedure-text'; END$$
  CREATE EVENT an_event ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DO BEGIN DECLARE n INT; DELETE FROM c_last WHERE v = 'event-text'; END$$
  DELIMITER ;
`;

/** Two rows with one key, in a statement of their own. */
function rowsBefore(sql: string, text: string, table: string): string {
  return sql.replace(
    text,
    `INSERT INTO \`${table}\` (id, v) VALUES (7,'${CANARY}'),(7,'${CANARY}');\n${text}`,
  );
}

/** The same at the end of what the dump does for one table. */
function rowsAfter(sql: string, table: string): string {
  const start = sql.indexOf(`INSERT INTO \`${table}\``);
  return sql.slice(0, start) + rowsBefore(sql.slice(start), 'UNLOCK TABLES;', table);
}

const PLANTS: readonly {
  readonly where: string;
  readonly plant: (sql: string) => string;
  /** What the message says, but for `LINE`, where the planted statement stands. */
  readonly told: string;
}[] = [
  {
    where: 'the first statement of the first table',
    plant: (sql) => rowsBefore(sql, 'INSERT INTO `a_first`', 'a_first'),
    told: 'the table a_first, statement 1: ERROR 1062: ',
  },
  {
    where: 'the last statement of a table in the middle',
    plant: (sql) => rowsAfter(sql, 'b_middle'),
    told: 'the table b_middle, statement 2: ERROR 1062: ',
  },
  {
    where: 'the last statement of the last table',
    plant: (sql) => rowsAfter(sql, 'c_last'),
    told: 'the table c_last, statement 2: ERROR 1062: ',
  },
  {
    where: 'a definition of a table',
    plant: (sql) => sql.replace(/(CREATE TABLE `c_last` \(\n)/, '$1  `v` int,\n'),
    told: 'the table c_last (line LINE): ERROR 1060: ',
  },
  {
    where: 'a view',
    plant: (sql) => sql.replace(/'view-text'( AS `words`)/i, `concat('${CANARY}',\`a_first\`.\`gone\`)$1`),
    told: 'the view a_view: ERROR 1054: ',
  },
  {
    where: 'a trigger',
    plant: (sql) => sql.replace("NEW.v = 'trigger-text'", `NEW.gone = '${CANARY}'`),
    told: 'the trigger a_trigger: ERROR 1054: ',
  },
  {
    where: 'a routine',
    plant: (sql) =>
      sql.replace("DECLARE n INT; SELECT 'procedure-text'", `DECLARE n, n INT; SELECT '${CANARY}'`),
    told: 'the procedure a_procedure: ERROR 1331: ',
  },
  {
    where: 'an event',
    plant: (sql) => sql.replace(/DECLARE n INT;(.*)'event-text'/, `DECLARE n, n INT;$1'${CANARY}'`),
    told: 'the event an_event: ERROR 1331: ',
  },
];

describeEachFlavour('a restore of which one statement fails', (server, servers) => {
  test('leaves the target as it was and names the statement, wherever it stands', async () => {
    const source = await freshDatabase(server, { sql: SQL });
    const sql = await readFile(await backUp(server, source, ['--compress=none']), 'utf8');
    const target = await freshDatabase(server, {
      sql: `${SQL} UPDATE a_first SET v = 'since then'; DROP VIEW b_view; CREATE TABLE extra (id INT);`,
    });
    const before = await server.dump(target);
    const path = join((await workspace()).folder, 'planted.sql');

    // Where the rows stand is no matter of the server.
    const plants = PLANTS.filter(
      ({ where }) => !where.startsWith('the last') || isTurnOf(where, server, servers),
    );
    for (const { where, plant, told } of plants) {
      const planted = plant(sql);
      expect(planted, where).not.toBe(sql);
      await writeFile(path, planted);

      const result = await runDbbackup(
        ['restore', path, '--to', target, '--confirm', target, '--no-safety-backup', '--json'],
        { server },
      );

      const line = String(lineOf(planted, 'CREATE TABLE `c_last`'));
      expectToldInJson(result, {
        code: 'restore-failed',
        message: [`Loading failed at ${told.replace('LINE', line)}`, `${target} is unchanged.`],
        hint: /^(?!.*canary)/,
      });
      await expectNoRowData(CANARY, result);
      expectSameDump(await server.dump(target), before);
    }
  });
});
