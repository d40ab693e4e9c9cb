import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newAccount } from '../../../harness/accounts.ts';
import { runAtTerminal } from '../../../harness/at-terminal.ts';
import { contentOf, filesOfBackups, madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import { quoted, type TestServer } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const HELD = "CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(50)); INSERT INTO small VALUES (1, 'held');";

/** What somebody has written by hand, and nothing that reaches anywhere. */
const IN_ROWS = [
  "INSERT INTO small VALUES (1+1, CONCAT('a', UPPER('b')), NOW()),(3, IF(2 > 1, 'yes', 'no'), NULL);",
];
const SHOWN_ROWS =
  "INSERT INTO small VALUES (1+1, CONCAT('a', UPPER('b')), NOW()), (…, IF(2 > 1, 'yes', 'no'), …)";
const OF_OWN_TABLES = [
  ...IN_ROWS,
  'INSERT INTO more (id, v) SELECT s.id * 10, s.v FROM small AS s WHERE s.id > 2;',
  "UPDATE more SET v = CONCAT(v, '!') WHERE id IN (SELECT id * 10 FROM small);",
  'DELETE FROM small WHERE id = 2;',
  'OPTIMIZE TABLE small;',
  "SELECT 'done' AS info;",
];

describeEachFlavour('a dump with statements that no dump program writes', (server) => {
  test.each([
    {
      title: 'expressions among rows, through a staging schema',
      statements: IN_ROWS,
      method: 'into a staging schema',
      rows: '2\taB\t1\n3\tyes\tNULL',
      more: '',
    },
    {
      title: 'queries over its own tables, by the stock client',
      statements: OF_OWN_TABLES,
      method: 'the stock client alone (line 6 can only be run by the stock client)',
      rows: '3\tyes\tNULL',
      more: '30\tyes!',
    },
  ])('is restored after two questions: $title', async ({ statements, method, rows, more }) => {
    const { database, path, before } = await ground(server, statements);
    const refused = await runDbbackup(['restore', path, '--to', database], { server });
    expect(refused.exitCode).toBe(19);
    expect(flat(refused.stderr)).toContain(
      'contains statements that no dump program writes: line 5 has more',
    );
    expect(flat(refused.stderr)).toContain('If you trust it: restore --allow-unsafe shows them and asks.');

    const command = `dbbackup restore ${path} --to ${database} --allow-unsafe`;
    const shown = await runAtTerminal(server, command, answersWith(database, database));
    expect(shown.exitCode, shown.text).toBe(0);
    expect(flat(shown.text)).toContain(method);
    const count = statements.length === 1 ? '1 statement' : `${statements.length} statements`;
    expect(flat(shown.text)).toContain(
      `${count} that no dump program writes, run by the account that loads the rows: line 5 has more than plain values among its rows: ${SHOWN_ROWS}`,
    );
    for (const statement of statements.slice(1)) expect(flat(shown.text)).toContain(statement.slice(0, -1));
    expect(await server.query('SELECT id, v, made > 0 FROM small ORDER BY id', database)).toBe(rows);
    expect(await server.query('SELECT id, v FROM more', database)).toBe(more);

    // What was there comes back without a question about it.
    const undo = /dbbackup undo (\w+) /.exec(shown.text)?.[1] ?? '';
    const undone = await runDbbackup(['undo', undo, '--confirm', database], { server });
    expect(undone.exitCode, undone.stderr).toBe(0);
    expect(await contentOf(server, database)).toBe(before);
  });
});

describeOneServer('a dump with statements that no dump program writes', (server) => {
  test('is refused where only the guard would limit them: without the load account, or with views', async () => {
    const { database, target, before } = await ground(server, IN_ROWS);
    await expectFailure(
      [...target, '--allow-unsafe', '--load-account', 'off'],
      { server },
      {
        code: 'unsafe',
        message:
          /Only an account that can do nothing else may run them, and none can be made: --load-account off was given\. Your own has privileges on the whole server\. Nothing was touched\.$/,
        hint: 'Leave out --load-account off.',
      },
    );
    const maker = await newAccount(server);
    await maker.grant('ALL', `${quoted(database)}.*`);
    await maker.grant('ALL', '`dbbackup\\_%`.*');
    const other = await freshDatabase(server);
    await maker.grant('SELECT', `${quoted(other)}.*`);
    await expectFailure(
      [...target, '--allow-unsafe'],
      { server, env: maker.env },
      {
        code: 'unsafe',
        message: `may not create accounts, so its own privileges limit what a row may do. Your own has privileges on ${other}, too`,
        hint: /To allow it: GRANT CREATE USER, .* ON \*\.\* TO /,
      },
    );
    const withView = await ground(server, [...OF_OWN_TABLES, 'CREATE VIEW seen AS SELECT id FROM small;']);
    await expectFailure(
      [...withView.target, '--allow-unsafe'],
      { server },
      {
        code: 'unsafe',
        message: 'the mysql client makes views, routines, triggers or events, which belong to who makes them',
        hint: /^Restore with an account whose privileges/,
      },
    );
    expect(await contentOf(server, database)).toBe(before);
  });

  test('is run by the own account where that can reach nothing but its database', async () => {
    const { database, path } = await ground(server, IN_ROWS);
    const confined = await newAccount(server);
    await server.sql(`GRANT ALL ON ${quoted(database)}.* TO ${confined.sqlName};
      GRANT ALL ON \`dbbackup\\_%\`.* TO ${confined.sqlName};`);
    if (server.flavour === 'mysql')
      await server.sql(`REVOKE SELECT ON performance_schema.* FROM ${confined.sqlName};`);
    // On MySQL it cannot tell the tables that other tests rename from its own, and a safety backup would then be refused.
    const command = `dbbackup restore ${path} --to ${database} --allow-unsafe --no-safety-backup --confirm ${database}`;
    const shown = await runAtTerminal(server, command, answersWith(database, database), confined.env);
    expect(shown.exitCode, shown.text).toBe(0);
    expect(flat(shown.text)).toContain('1 statement that no dump program writes, run by your own account:');
  });

  test('is shown by a dry run, in text and in JSON, and asked about before an empty database, too', async () => {
    const { path, target } = await ground(server, IN_ROWS);
    const told = await runDbbackup([...target, '--allow-unsafe', '--dry-run', '--json'], { server });
    expect(told.exitCode, told.stderr).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({
      plan: {
        allowedCount: 1,
        allowed: [{ line: 5, reason: 'has more than plain values among its rows', text: SHOWN_ROWS }],
        loadAccount: { made: true, required: true },
      },
    });
    const text = await runDbbackup([...target, '--allow-unsafe', '--dry-run'], { server });
    expect(flat(text.stdout)).toContain(`line 5 has more than plain values among its rows: ${SHOWN_ROWS}`);

    const empty = await freshDatabase(server);
    const command = `dbbackup restore ${path} --to ${empty} --allow-unsafe`;
    const shown = await runAtTerminal(server, command, answersWith('unasked', empty));
    expect(shown.exitCode, shown.text).toBe(0);
    expect(shown.text).not.toContain('to replace');
    expect(await server.countRows(empty, 'small')).toBe(2);
  });

  test('is refused where there are more of them than can be looked at', async () => {
    const statements = (count: number): readonly string[] =>
      Array.from({ length: count }, (_, id) => `UPDATE small SET v = 'secret' WHERE id = ${id};`);
    const most = await ground(server, statements(20));
    const shown = await runDbbackup([...most.target, '--allow-unsafe', '--dry-run'], { server });
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(shown.stdout.split("UPDATE small SET v = 'secret' WHERE id = ")).toHaveLength(21);

    const { target, database, before } = await ground(server, statements(21));
    await expectFailure(
      [...target, '--allow-unsafe', '--dry-run'],
      { server },
      {
        code: 'unsafe',
        message: /contains 21 statements that no dump program writes, and at most 20 can be looked at\.$/,
        hint: /^Nothing was touched\. Take them out of a copy of the file; or load it with the mysql client/,
      },
    );
    await expectFailure(
      target,
      { server },
      {
        code: 'unsafe',
        message: 'line 5 changes existing rows: UPDATE small SET v = ',
        hint: 'But there are 21 of them, and restore --allow-unsafe takes at most 20.',
      },
    );
    const plain = await runDbbackup(target, { server });
    expect(plain.stderr).not.toContain('secret');
    expect(await contentOf(server, database)).toBe(before);
  });

  test('is refused where a foreign key of another database would hand on what it does', async () => {
    const { database, target, path } = await ground(server, ['DELETE FROM small WHERE id = 1;']);
    const child = await freshDatabase(server, {
      sql: `CREATE TABLE child (id INT, FOREIGN KEY (id) REFERENCES ${quoted(database)}.small (id) ON DELETE CASCADE) ENGINE=InnoDB;
        INSERT INTO child VALUES (1);`,
    });
    const fails = [...target, '--allow-unsafe', '--in-place', '--confirm', database];
    await expectFailure(
      fails,
      { server },
      {
        code: 'unsafe',
        message: `and ${child}.child has a foreign key to small of ${database}: by that they could change rows of ${child}. Nothing was touched.`,
        hint: 'Restore into another database with --to.',
      },
    );
    const command = `dbbackup restore ${path} --to ${database} --allow-unsafe --confirm ${database}`;
    const shown = await runAtTerminal(server, command, answersWith(database, database));
    expect(shown.exitCode, shown.text).toBe(19);
    expect(shown.text).not.toContain('type its name');
    expect(await server.countRows(child, 'child')).toBe(1);
    await server.query(`DROP TABLE child`, child);
    const dry = await runDbbackup([...target, '--allow-unsafe', '--dry-run'], { server });
    expect(dry.exitCode, dry.stderr).toBe(0);
  });

  test('needs no terminal where there is none of them', async () => {
    const database = await freshDatabase(server, { sql: HELD });
    const path = await madeBackup(server, database);
    const plain = await runDbbackup(['restore', path, '--confirm', database, '--allow-unsafe'], { server });
    expect(plain.exitCode, plain.stderr).toBe(0);
  });

  test.each(['--all', '--from-database=shop', '--detach'])('cannot be taken with %s', async (option) => {
    const { path } = await ground(server, IN_ROWS);
    const name = option.replace(/=.*/, '');
    await expectFailure(
      ['restore', path, '--allow-unsafe', option],
      { server },
      {
        code: 'usage',
        message: `--allow-unsafe and ${name} do not go together.`,
        hint: /--allow-unsafe|without --detach/,
      },
    );
  });

  test('is not restored by what no one has looked at, or has not agreed to', async () => {
    const { database, path, before, target } = await ground(server, IN_ROWS);
    const files = await filesOfBackups();
    for (const options of [[], ['--no-input']]) {
      await expectFailure(
        [...target, '--confirm', database, '--allow-unsafe', ...options],
        { server },
        {
          code: 'not-confirmed',
          message:
            /^Before statements that no dump program writes are run, --allow-unsafe shows them and asks, and there is no terminal to ask on; --confirm does not cover them\. \S+ was not touched\.$/,
          hint: 'Run the restore at a terminal, without --no-input and --json.',
        },
      );
    }
    const command = `dbbackup restore ${path} --to ${database} --allow-unsafe`;
    for (const [typed, second] of [
      [`${command} --confirm ${database} --no-input`, undefined],
      [`${command} --confirm ${database}`, ''],
      [command, 'no'],
    ] as const) {
      const shown = await runAtTerminal(server, typed, [
        ...answersWith(database, second ?? ''),
        { words: 'The name does not match', answer: '\r' },
      ]);
      expect(shown.exitCode, shown.text).toBe(13);
      expect(shown.text.includes('type its name again')).toBe(second !== undefined);
    }
    expect(await contentOf(server, database)).toBe(before);
    expect(await filesOfBackups()).toEqual(files);
  });

  test('is refused all the same where one of them could reach outside, whatever is typed', async () => {
    const canary = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT); INSERT INTO t VALUES (1); CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;',
    });
    const untouched = await contentOf(server, canary);
    for (const hostile of [
      `INSERT INTO small VALUES (4, ${canary}.f(), NULL);`,
      "INSERT INTO small VALUES (4, `load_file`('/etc/passwd'), NULL);",
      `UPDATE small, ${canary}.t SET t.id = 5;`,
      `UPDATE small value, ${canary}.t SET t.id = 5;`,
      `INSERT INTO small SELECT 4, 'x', NULL FROM small x JOIN more y ON duplicate = 1, ${canary}.t;`,
      `CHECK VIEW ${canary}.t;`,
      `INSERT INTO small SELECT id, 'x', NULL FROM ${canary}.t;`,
      "INSERT INTO small VALUES (4, @m := 'NO_BACKSLASH_ESCAPES', NULL);\nSET sql_mode = @m;",
    ]) {
      const { database, path, before } = await ground(server, [...IN_ROWS, hostile]);
      const command = `dbbackup restore ${path} --to ${database} --allow-unsafe`;
      const shown = await runAtTerminal(server, command, answersWith(database, database));
      expect(shown.exitCode, shown.text).toBe(19);
      expect(shown.text).not.toContain('type its name');
      expect(flat(shown.text)).not.toContain('shows them and asks');
      expect(await contentOf(server, database)).toBe(before);
    }
    expect(await contentOf(server, canary)).toBe(untouched);
  });
});

/** A database that holds something, and a dump for it with these statements behind its tables. */
async function ground(
  server: TestServer,
  statements: readonly string[],
): Promise<{
  readonly database: string;
  readonly path: string;
  readonly target: readonly string[];
  readonly before: string;
}> {
  const database = await freshDatabase(server, { sql: HELD });
  const path = join((await workspace()).folder, 'by-hand.sql');
  const lines = [
    '-- By hand',
    'SET NAMES utf8mb4;',
    'CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(50), made DATETIME);',
    'CREATE TABLE more (id INT PRIMARY KEY, v VARCHAR(50));',
    ...statements,
    '-- Dump completed on 2026-11-26 12:00:00',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  const target = ['restore', path, '--to', database];
  return { database, path, target, before: await contentOf(server, database) };
}

/** For the two questions. */
function answersWith(first: string, second: string): Parameters<typeof runAtTerminal>[2] {
  return [
    { words: 'Type the name of the database to replace', answer: `${first}\r` },
    { words: 'type its name again', answer: `${second}\r` },
  ];
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
