import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_VARIABLES } from '../../../src/server/session/session-variables.ts';
import { withHostileGlobals } from '../../fixtures/hostile-globals.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { HARMLESS_VARIABLES } from '../../fixtures/session-variables.ts';
import { backUp, expectSameDump, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { sessionVariableNames } from '../../harness/session-variables.ts';
import { wordsOf } from '../../harness/printed-commands.ts';
import type { TestServer } from '../../harness/test-server.ts';

/** What only an account with privileges, or a session of other settings, could make. */
const PRIVILEGED = {
  mysql: `
    SET SESSION sql_require_primary_key = OFF, restrict_fk_on_non_standard_key = OFF;
    CREATE TABLE keys_of_others (k INT, KEY (k)) ENGINE=InnoDB;
    CREATE TABLE refers (k INT, FOREIGN KEY (k) REFERENCES keys_of_others (k)) ENGINE=InnoDB;`,
  mariadb: `
    CREATE TABLE checked (n INT CHECK (n > 0)) ENGINE=InnoDB;
    SET SESSION check_constraint_checks = OFF; INSERT INTO checked VALUES (-1), (1);
    CREATE TABLE versioned (n INT) ENGINE=InnoDB WITH SYSTEM VERSIONING; INSERT INTO versioned VALUES (1), (2);
    CREATE SEQUENCE numbers START WITH 5;`,
} as const;

const SQL = `
  ${manyRowsSql(12_000)}
  ALTER TABLE many_rows ADD KEY (note);
  CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20) CHARACTER SET utf8mb4) ENGINE=InnoDB AUTO_INCREMENT=4;
  CREATE TABLE children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id)) ENGINE=InnoDB;
  INSERT INTO parents VALUES (1, 'one'), (2, 'a \\\\ "b" ''c'''), (3, 'drei'); INSERT INTO children VALUES (1, 1), (2, 3);
  CREATE TABLE no_key (a INT, b TIMESTAMP NULL) ENGINE=InnoDB; INSERT INTO no_key VALUES (1, '2020-02-02 02:02:02'), (2, NULL);
  SET SESSION explicit_defaults_for_timestamp = ON;
  CREATE TABLE stamped (a TIMESTAMP NOT NULL, b TIMESTAMP NOT NULL) ENGINE=InnoDB;
  INSERT INTO stamped VALUES ('2020-02-02 02:02:02', '2021-01-01 00:00:00');
  SET SESSION max_heap_table_size = 16777216;
  CREATE TABLE fast (id INT PRIMARY KEY, word CHAR(200)) ENGINE=MEMORY; INSERT INTO fast SELECT id, 'x' FROM many_rows LIMIT 2000;
  CREATE TABLE files (id INT PRIMARY KEY, word CHAR(20)) ENGINE=MyISAM; INSERT INTO files VALUES (1, 'a'), (2, 'b');
  SET SESSION innodb_strict_mode = OFF;
  CREATE TABLE wide (id INT PRIMARY KEY${Array.from({ length: 40 }, (_, n) => `, c${n} CHAR(250)`).join('')})
    ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=latin1;
  INSERT INTO wide (id, c1) VALUES (1, 'x');
  CREATE VIEW words AS SELECT word FROM parents;
  CREATE PROCEDURE add_parent() INSERT INTO parents (word) VALUES ('two');
  CREATE TRIGGER tr BEFORE INSERT ON parents FOR EACH ROW SET NEW.word = UPPER(NEW.word);
  CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM parents WHERE id = 0;`;

describeEachFlavour('what a server gives new sessions', (like) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(like);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  test('changes nothing in a dump, a rehearsal, a restore and its undo', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await server.sql(PRIVILEGED[server.flavour], database);
    const before = await server.dump(database);
    await withHostileGlobals(server, async () => {
      const backup = await backUp(server, database);
      await succeeds(['verify', '--rehearse', backup], { server });
      const undo = await restore(server, backup, database);
      await succeeds(wordsOf(undo), { server });
      await restore(server, backup, database, ['--in-place', '--no-safety-backup']);
    });
    expectSameDump(await server.dump(database), before);
  });

  test('hides no database with a quote in its name, for which a backslash is no escape then', async () => {
    const database = await freshDatabase(server, {
      name: "it's",
      sql: 'CREATE TABLE t (id INT PRIMARY KEY);',
    });
    await withHostileGlobals(server, async () => {
      const backup = await backUp(server, database, ['--skip-events']);
      expect((await manifestOf(backup)).tables).toMatchObject([{ name: 't' }]);
    });
  });

  test('is known, variable by variable', async () => {
    const known = new Set([
      ...SESSION_VARIABLES.map(({ name }) => name),
      ...Object.values(HARMLESS_VARIABLES).flatMap((list) => list.split(' ')),
    ]);
    expect([...(await sessionVariableNames(server))].filter((name) => !known.has(name))).toEqual([]);
  });
});
