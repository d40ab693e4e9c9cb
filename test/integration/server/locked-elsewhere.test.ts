import { afterAll, beforeAll, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { newAccount } from '../../harness/accounts.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { beginDbbackup, runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../harness/failure.ts';
import { holdTable, leaveWaiting, prepareTransaction } from '../../harness/held-table.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { comesTo } from '../../harness/swap-journal.ts';
import { wordsOf } from '../../harness/printed-commands.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { within } from '../../harness/wait-for.ts';

/** With something of every kind that the catalogue is asked for. */
const SQL = `
  CREATE TABLE parents (id INT PRIMARY KEY, word VARCHAR(20), CHECK (id > 0));
  CREATE TABLE children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id));
  INSERT INTO parents VALUES (1, 'ONE'); INSERT INTO children VALUES (1, 1);
  CREATE VIEW words AS SELECT word FROM parents;
  CREATE PROCEDURE add_parent() INSERT INTO parents VALUES (2, 'two');
  CREATE TRIGGER tr BEFORE INSERT ON parents FOR EACH ROW SET NEW.word = UPPER(NEW.word);
  CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM parents WHERE id = 0;`;

/** Longer than any machine takes, and far shorter than the locks are held. */
const PATIENCE_MS = 120_000;

describeEachFlavour('another database whose tables are locked', (like) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(like);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  test('holds up nothing, however they are locked', async () => {
    const elsewhere = await freshDatabase(server, {
      sql: ['altered', 'renamed', 'scanned']
        .map(
          (name) =>
            `CREATE TABLE ${name} (id INT PRIMARY KEY, word VARCHAR(20)); INSERT INTO ${name} VALUES (1, 'a');`,
        )
        .join(''),
    });
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const table = (name: string) => `\`${elsewhere}\`.${name}`;
    await holdTable(server, elsewhere, 'altered');
    await prepareTransaction(server, elsewhere, "UPDATE renamed SET word = 'b'");
    const reader = await leaveWaiting(server, `SELECT id, SLEEP(1000) FROM ${table('scanned')}`);
    const waiting = [
      reader,
      await leaveWaiting(server, `ALTER TABLE ${table('altered')} ADD KEY (word)`),
      await leaveWaiting(server, `RENAME TABLE ${table('renamed')} TO ${table('other')}`),
      await leaveWaiting(server, `ALTER TABLE ${table('scanned')} ADD COLUMN x INT, ALGORITHM=COPY`),
    ];

    const backup = await within(PATIENCE_MS, 'create', backUp(server, database));
    await within(PATIENCE_MS, 'the rehearsal', succeeds(['verify', '--rehearse', backup], { server }));
    const undo = await within(PATIENCE_MS, 'restore', restore(server, backup, database));
    expectSameDump(await server.dump(database), before);
    await within(PATIENCE_MS, 'the undo', succeeds(wordsOf(undo), { server }));
    expectSameDump(await server.dump(database), before);
    await within(PATIENCE_MS, 'doctor', succeeds(['doctor', database], { server }));

    for (const { waits } of waiting) expect(await waits()).toBe(true);
    for (const { end } of waiting.toReversed()) await end();
  });

  test('holds up the search for foreign keys only on MariaDB without PROCESS, which says so soon', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE parents (id INT PRIMARY KEY);' });
    const elsewhere = await freshDatabase(server, {
      sql: `CREATE TABLE renamed (id INT PRIMARY KEY); INSERT INTO renamed VALUES (1);
        CREATE TABLE refers (id INT, FOREIGN KEY (id) REFERENCES ${database}.parents (id));`,
    });
    const account = await newAccount(server);
    for (const schema of [database, elsewhere, 'dbbackup\\_%']) await account.grant('ALL', `\`${schema}\`.*`);
    const backup = await backUp(server, database);
    const args = ['restore', backup, '--confirm', database, '--no-safety-backup', '--json'];
    const options = { server, env: account.env };
    const reason = `the table ${elsewhere}.refers, which stays, has a foreign key to parents`;
    const planned = await succeeds([...args, '--dry-run'], options);
    expect(JSON.parse(planned.stdout)).toMatchObject({ plan: { method: 'in-place', methodReason: reason } });

    await server.sql('DROP TABLE refers;', elsewhere);
    const before = await server.dump(database);
    await prepareTransaction(server, elsewhere, 'DELETE FROM renamed');
    const renaming = await leaveWaiting(
      server,
      `RENAME TABLE \`${elsewhere}\`.renamed TO \`${elsewhere}\`.other`,
    );
    if (server.flavour === 'mariadb') {
      const { hint } = expectToldInJson(
        await within(PATIENCE_MS, 'the refusal', runDbbackup(args, options)),
        {
          code: 'failed',
          message: `it cannot be determined whether tables of other databases have foreign keys to ${database}.`,
          hint: `GRANT PROCESS ON *.* TO ${account.sqlName};`,
        },
      );
      await server.sql(/GRANT .*;/.exec(hint)?.[0] ?? '');
    }
    const { stdout } = await within(PATIENCE_MS, 'restore', succeeds(args, options));
    expect(JSON.parse(stdout)).toMatchObject({ restored: { method: 'staging' } });
    expectSameDump(await server.dump(database), before);
    expect(await renaming.waits()).toBe(true);
    await renaming.end();
  });

  test('the swap lets others pass while a prepared transaction holds one of its tables', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    const rollBack = await prepareTransaction(server, database, "UPDATE parents SET word = 'two'");
    const args = ['restore', backup, '--confirm', database, '--no-safety-backup'];
    const run = beginDbbackup(args, { server });
    expect(await comesTo('swapping', run)).toBe(true);
    await sleep(2_000); // longer than one try
    expect(await within(20_000, 'a reader', server.query('SELECT word FROM words', database))).toBe('ONE');
    await rollBack();
    expect((await run.finished).exitCode).toBe(0);
    expectSameDump(await server.dump(database), before);
  });
});
