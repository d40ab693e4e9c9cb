import { onTestFinished } from 'vitest';
import { unusedName } from './database.ts';
import { quoted } from './test-server.ts';
import type { TestServer } from './test-server.ts';

/** An account of one test alone, with a password, dropped after it. */
export interface TestAccount {
  readonly user: string;
  /** As SQL names it: `'u_1'@'%'`. */
  readonly sqlName: string;
  /** Makes dbbackup use it. */
  readonly env: { readonly DBBACKUP_USER: string; readonly DBBACKUP_PASSWORD: string };
  grant(privileges: string, on: string): Promise<void>;
}

/** @param as What follows the password in CREATE USER, e.g. `ACCOUNT LOCK`. */
export async function newAccount(server: TestServer, as = ''): Promise<TestAccount> {
  const user = unusedName('u');
  const sqlName = `'${user}'@'%'`;
  await server.sql(`CREATE USER ${sqlName} IDENTIFIED BY 'right' ${as};`);
  // What other tests rename at the same time is no business of this one.
  if (server.flavour === 'mysql') await server.sql(`GRANT SELECT ON performance_schema.* TO ${sqlName};`);
  onTestFinished(async () => {
    await server.sql(`DROP USER ${sqlName};`);
  });
  return {
    user,
    sqlName,
    env: { DBBACKUP_USER: user, DBBACKUP_PASSWORD: 'right' },
    grant: async (privileges, on) => {
      await server.sql(`GRANT ${privileges} ON ${on} TO ${sqlName};`);
    },
  };
}

/** What lets an account read the routines of a database, which differs by flavour and version. */
export function routinePrivilege(server: TestServer, database: string): readonly [string, string] {
  if (server.flavour === 'mysql') return ['SHOW_ROUTINE', '*.*'];
  return server.version.startsWith('10.')
    ? ['SELECT', 'mysql.proc']
    : ['SHOW CREATE ROUTINE', `${quoted(database)}.*`];
}

/** Everything that needs a privilege of its own: tables, a view, a procedure, a function, a trigger, an event. */
export function everyKindSql(definer = 'CURRENT_USER'): string {
  const by = `DEFINER = ${definer}`;
  return `
    CREATE TABLE one (id INT PRIMARY KEY, n INT, KEY (n));
    INSERT INTO one VALUES (1, 10), (2, 20);
    CREATE TABLE two (id INT PRIMARY KEY, one_id INT, FOREIGN KEY (one_id) REFERENCES one (id));
    INSERT INTO two VALUES (1, 1);
    CREATE ${by} VIEW a_view AS SELECT id FROM one;
    CREATE ${by} PROCEDURE a_procedure() SELECT 1;
    CREATE ${by} FUNCTION a_function() RETURNS INT DETERMINISTIC RETURN 1;
    CREATE ${by} TRIGGER a_trigger BEFORE INSERT ON one FOR EACH ROW SET NEW.n = NEW.n + 1;
    CREATE ${by} EVENT an_event ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;
  `;
}
