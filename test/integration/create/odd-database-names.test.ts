import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { oddDatabaseNames } from '../../fixtures/torture/odd-names.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../harness/describe-each-server.ts';
import { runInShell } from '../../harness/shell.ts';
import { quoted } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

/** One of each kind of oddity that servers and their programs may take in their own ways. */
const ODD_IN_SQL = ['naïve', 'with`tick', 'new\nline', "it's", '表'];
/** Those that are odd as the name of a folder, in a command or on a terminal. */
const ODD_ELSEWHERE = [' leading', '$(id)', '../up', '\u001b[31m', '%00'];

/** mariadb-dump escapes the name where it should not, and then finds no database of the escaped name. */
const TOO_ODD_FOR_EVENTS = /['"\\\n]/;

/** Whose defaults are to be others than those that its programs remember. */
const REMEMBERED = ['naïve', '表'];

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

  /** SHOP_SQL where the dump tool takes it, and where the name is one to remember, defaults that change in its midst. */
  const make = async (name: string): Promise<void> => {
    await freshDatabase(server, { name, sql: SHOP_SQL });
    if (server.flavour === 'mariadb' && TOO_ODD_FOR_EVENTS.test(name))
      await server.sql('DROP EVENT yearly;', name);
    if (REMEMBERED.includes(name.replace(tag, '')))
      await server.sql(
        `ALTER DATABASE ${quoted(name)} CHARACTER SET latin1 COLLATE latin1_german1_ci;
         USE ${quoted(name)}; CREATE PROCEDURE remembers() SELECT 'x';
         ALTER DATABASE ${quoted(name)} CHARACTER SET utf8mb3 COLLATE utf8mb3_bin;`,
      );
  };
  const seen = async (name: string) => ({
    defaults: await server.query(`SHOW CREATE DATABASE ${quoted(name)}`),
    dump: await server.dump(name),
  });

  test('of any name is backed up, listed, dropped and restored, here and elsewhere, and keeps its defaults when its programs remember others', async () => {
    for (const name of names) await make(name);
    const { backups } = await workspace();

    const { stdout } = await succeeds(['create', '--', ...names], { server });
    const paths = stdout.trimEnd().split('\n');
    expect(paths).toHaveLength(names.length);
    for (const path of paths) {
      expect(dirname(dirname(path))).toBe(backups);
      expect(dirname(path)).toMatch(/^[\w%./-]+$/);
    }
    expect(await readdir(backups)).toHaveLength(2 + names.length); // .gitignore, .jobs, and nothing beside the folders

    for (const [index, name] of names.entries()) {
      const path = paths[index]!;
      const before = await seen(name);
      const expectAsBefore = async (): Promise<void> => {
        const { defaults, dump } = await seen(name);
        expect(defaults).toBe(before.defaults);
        expectSameDump(dump, before.dump);
      };
      const list = JSON.parse((await succeeds(['list', '--json', '--', name])).stdout) as {
        backups: { database: string; path: string; state: string }[];
      };
      expect(list.backups).toMatchObject([{ database: name, path, state: 'complete' }]);

      await server.sql(`DROP DATABASE ${quoted(name)};`);
      await succeeds(['restore', '--', path.slice(backups.length + 1)], { server });
      await expectAsBefore();

      // How tables are swapped in is no matter of the server, but for the defaults.
      if (!isTurn(name) && !name.startsWith('表')) continue;
      await server.sql('DELETE FROM orders;', name);
      expect(await restore(server, path, name, [`--to=${name}`])).toContain('dbbackup undo ');
      await expectAsBefore();
    }
  });

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

  test('is found by its own name, as list and the undo command print it', async () => {
    // One looks like an absolute path, one like an option.
    const names = [`wi th.do-t %2e/${tag}`, `//${tag}`, `--${tag}`];
    const target = databaseToBeMade(server, `-e ${tag}`);
    const sql = 'CREATE TABLE orders (id INT PRIMARY KEY); INSERT INTO orders VALUES (1), (2);';
    for (const name of names) await freshDatabase(server, { name, sql });
    await succeeds(['create', '--', ...names], { server });

    const { stdout } = await succeeds(['list', '--quiet']);

    const references = stdout.trimEnd().split('\n');
    const undos: string[] = [];
    for (const name of names) {
      const [reference = '', ...more] = references.filter((each) => each.includes(name));
      expect(more).toEqual([]);
      await succeeds(['verify', '--', reference]);
      if (name === names[0]) {
        await succeeds(['restore', `--to=${target}`, '--', reference], { server });
        expect(await server.countRows(target, 'orders')).toBe(2);
      }
      await server.sql('DELETE FROM orders WHERE id = 1;', name);
      undos.push(await restore(server, `${name}/latest`, name));
      expect(await server.countRows(name, 'orders')).toBe(2);
    }
    await runInShell(undos.join(' && '), server);
    for (const name of names) expect(await server.countRows(name, 'orders')).toBe(1);
  });
});
