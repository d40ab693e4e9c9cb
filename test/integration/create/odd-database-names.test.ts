import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { oddDatabaseNames } from '../../fixtures/torture/odd-names.ts';
import { backUp, expectSameDump, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../harness/describe-each-server.ts';
import { ownServer } from '../../harness/own-server.ts';
import { runInShell } from '../../harness/shell.ts';
import { quoted } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

/** One of each kind of oddity that servers and their programs may take in their own ways. */
const ODD_IN_SQL = ['naïve', 'with`tick', 'new\nline', "it's", '表'];
/** Those that are odd as the name of a folder, in a command or on a terminal. */
const ODD_ELSEWHERE = [' leading', '$(id)', '../up', '\u001b[31m', '%00'];

/** mariadb-dump escapes the name where it should not, and then finds no database of the escaped name. */
const TOO_ODD_FOR_EVENTS = /['"\\\n]/;

describeEachFlavour('a database', (server, servers) => {
  const tag = `t${randomBytes(3).toString('hex')}`;
  const isTurn = (name: string): boolean => isTurnOf(name.replace(tag, ''), server, servers);
  const names = oddDatabaseNames(tag).filter(
    (name) =>
      ODD_IN_SQL.some((kind) => name.includes(kind)) ||
      Array.from(name).length === 64 ||
      (isTurn(name) &&
        (ODD_ELSEWHERE.some((kind) => name.includes(kind)) || [`-${tag}`, `.${tag}`].includes(name))),
  );

  test.each(names)(
    'called %j is backed up, listed, dropped and restored, here and elsewhere',
    async (name) => {
      const database = await freshDatabase(server, { name, sql: SHOP_SQL });
      if (TOO_ODD_FOR_EVENTS.test(name)) await server.sql('DROP EVENT yearly;', database);
      const before = await server.dump(database);
      const { backups } = await workspace();

      const path = await backUp(server, database);
      expect(dirname(dirname(path))).toBe(backups);
      expect(dirname(path)).toMatch(/^[\w%./-]+$/);
      expect(await readdir(backups)).toHaveLength(3); // .gitignore, .jobs, and nothing beside the folder

      const list = JSON.parse((await succeeds(['list', '--json', '--', database])).stdout) as {
        backups: { database: string; path: string; state: string }[];
      };
      expect(list.backups).toMatchObject([{ database, path, state: 'complete' }]);

      await server.sql(`DROP DATABASE ${quoted(name)};`);
      await succeeds(['restore', '--', path.slice(backups.length + 1)], { server });
      expectSameDump(await server.dump(database), before);

      if (!isTurn(name)) return; // how tables are swapped in is no matter of the server
      await server.sql('DELETE FROM orders;', database);
      await restore(server, path, database, [`--to=${database}`]);
      expectSameDump(await server.dump(database), before);
    },
  );

  test.each(['naïve', '表'].filter((name) => name === '表' || isTurn(name)))(
    'called %s keeps its defaults when its programs remember others',
    async (name) => {
      const database = await freshDatabase(server, { name: `${name}${tag}`, sql: SHOP_SQL });
      const odd = quoted(database);
      await server.sql(
        `ALTER DATABASE ${odd} CHARACTER SET latin1 COLLATE latin1_german1_ci;
       USE ${odd}; CREATE PROCEDURE remembers() SELECT 'x';
       ALTER DATABASE ${odd} CHARACTER SET utf8mb3 COLLATE utf8mb3_bin;`,
      );
      const [before, dump] = [await server.query(`SHOW CREATE DATABASE ${odd}`), await server.dump(database)];
      const path = await backUp(server, database);

      const undo = await restore(server, path, database);

      expect(await server.query(`SHOW CREATE DATABASE ${odd}`)).toBe(before);
      expectSameDump(await server.dump(database), dump);
      expect(undo).toContain('dbbackup undo ');
    },
  );

  if (server.flavour === 'mysql') return; // its tool dumps them all

  test('that the dump tool cannot dump is told with a way out', async () => {
    const database = await freshDatabase(server, { name: `it's ${tag}`, sql: SHOP_SQL });

    const { exitCode, stderr } = await runDbbackup(['create', '--', database], { server });
    expect(exitCode).toBe(10);
    expect(stderr).toContain('on which mariadb-dump fails. Skip them with --skip-events.');

    await backUp(server, database, ['--skip-events']);
  });
});

describeOneServer('a database', (server) => {
  const tag = `t${randomBytes(3).toString('hex')}`;

  test('with a quote in its name is found where the server takes no backslash for an escape', async () => {
    await using own = await ownServer(server, ['--sql-mode=NO_BACKSLASH_ESCAPES']);
    const database = `it's ${tag}`;
    await own.server.sql(`CREATE DATABASE ${quoted(database)};`);
    await own.server.sql('CREATE TABLE t (id INT);', database);

    const path = await backUp(own.server, database, ['--skip-events']);

    expect((await manifestOf(path)).tables).toMatchObject([{ name: 't' }]);
  }, 120_000);

  // One looks like an absolute path, one like an option.
  test.each([`wi th.do-t %2e/${tag}`, `//${tag}`, `--${tag}`])(
    'called %s is found by its own name, as list and the undo command print it',
    async (name) => {
      const database = await freshDatabase(server, { name, sql: SHOP_SQL });
      const before = await server.dump(database);
      await backUp(server, database);
      const target = databaseToBeMade(server, `-e ${tag}`);
      const { stdout } = await succeeds(['list', '--quiet']);

      await succeeds(['restore', `--to=${target}`, '--', stdout.trimEnd()], { server });
      const undo = await restore(server, `${name}/latest`, database);
      await server.sql('DELETE FROM orders;', database);
      await runInShell(undo, server);

      expectSameDump(await server.dump(target), before);
      expectSameDump(await server.dump(database), before);
      expect(stdout).toContain(name);
    },
  );
});
