import { afterAll, beforeAll, expect, test } from 'vitest';
import { backUp, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { plant } from '../../harness/planted-backup.ts';

const SQL = `
  CREATE TABLE many (id INT PRIMARY KEY, v VARCHAR(40), UNIQUE KEY (v));
  INSERT INTO many VALUES (1, 'ann@example.org'), (2, 'bob@example.org'), (3, 'secret3');
  CREATE TABLE one (id INT PRIMARY KEY);
  INSERT INTO one VALUES (1);
  CREATE TABLE none (id INT PRIMARY KEY);
`;

for (const language of ['de_DE', 'fr_FR']) {
  describeEachFlavour(`a server that speaks ${language}`, (shared) => {
    let own: OwnServer;
    beforeAll(async () => {
      own = await ownServer(shared, [`--lc-messages=${language}`]);
    });
    afterAll(() => own[Symbol.asyncDispose]());

    test('is rehearsed on, restored and undone as any other, and shows no row', async () => {
      const { server } = own;
      expect(await server.query('SELECT @@GLOBAL.lc_messages')).toBe(language);
      await expect(server.query('SELECT * FROM nowhere', 'mysql')).rejects.not.toThrow(/doesn't exist/);
      const database = await freshDatabase(server, { sql: SQL });
      const before = await server.dump(database);
      const path = await backUp(server, database, ['--compress', 'none']);

      await succeeds(['verify', path, '--rehearse'], { server });
      expect((await manifestOf(path)).rehearsal).toMatchObject({ ok: true, rows: 4 });
      await server.sql('DELETE FROM many;', database);
      const undo = await restore(server, path, database);
      expect((await server.dump(database)).equals(before)).toBe(true);
      await succeeds(undo.split(' ').slice(1), { server });
      expect(await server.countRows(database, 'many')).toBe(0);

      await plant(path, (sql) => sql.replace("'bob@example.org'", "'ann@example.org'"));
      for (const way of [[], ['--in-place']]) {
        const { stderr, exitCode } = await runDbbackup(['restore', path, '--confirm', database, ...way], {
          server,
        });
        expect(exitCode).toBe(way.length === 0 ? 20 : 21);
        expect(stderr).toContain('ERROR 1062');
        expect(stderr).not.toContain('example.org');
        expect(stderr).not.toContain('secret3');
      }
    });
  });
}
