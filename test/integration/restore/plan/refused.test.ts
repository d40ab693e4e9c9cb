import { copyFile, mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { contentOf, filesOfBackups, madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { startDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer, testServers } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import type { ExpectedFailure } from '../../../harness/failure.ts';
import { pathWith } from '../../../harness/fake-programs.ts';
import { fakeServer } from '../../../harness/fake-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

const SQL = `
  CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(50));
  INSERT INTO goods VALUES (1, 'canary in a cage'), (2, 'hemp');
`;
const server = testServers()[0]!;

const UNTOUCHED = { changes: [], databases: [] };

describe('a damaged backup is refused before the server is asked more than whether it is read-only', () => {
  test.each<{
    title: string;
    damage: (path: string, manifest: string) => Promise<void>;
    message: string | RegExp;
  }>([
    {
      title: 'cut off',
      damage: async (path) => truncate(path, (await readFile(path)).length - 20),
      message: /is damaged: it has \d+ bytes, but its manifest says \d+\.$/,
    },
    {
      title: 'cut off, without its manifest',
      damage: async (path, manifest) => {
        await rename(manifest, `${manifest}.gone`);
        await truncate(path, (await readFile(path)).length - 20);
      },
      message: /is truncated: its compressed data ends too early\.$/,
    },
    {
      title: 'with one flipped bit',
      damage: async (path) => {
        const bytes = await readFile(path);
        bytes[Math.floor(bytes.length / 2)]! ^= 4;
        await writeFile(path, bytes);
      },
      message:
        /is damaged: its compressed data does not match its checksum|its sha256 differs from the manifest/,
    },
    {
      title: 'empty',
      damage: (path) => truncate(path, 0),
      message: /is empty\.$/,
    },
    {
      title: 'empty, without its manifest',
      damage: async (path, manifest) => {
        await rename(manifest, `${manifest}.gone`);
        await truncate(path, 0);
      },
      message: /is empty\.$/,
    },
    {
      title: 'plain text that calls itself gzip',
      damage: async (path, manifest) => {
        await rename(manifest, `${manifest}.gone`);
        await writeFile(path, '-- MariaDB dump\n-- Dump completed\n');
      },
      message: 'does not match its name: it is not gzip.',
    },
    {
      title: 'a web page',
      damage: async (path, manifest) => {
        await rename(manifest, `${manifest}.gone`);
        await writeFile(path, gzipSync('<!DOCTYPE html><html><body>404</body></html>'));
      },
      message: /is not an SQL dump: it looks like .*HTML/i,
    },
    {
      title: 'with the manifest of another backup',
      damage: async (path, manifest) => {
        const text = await readFile(manifest, 'utf8');
        await writeFile(manifest, text.replaceAll(/manual_\d{4}/g, 'manual_1999'));
      },
      message: 'its manifest belongs to manual_1999-',
    },
    {
      title: 'with a manifest of another database',
      damage: async (path, manifest) => {
        const text = await readFile(manifest, 'utf8');
        await writeFile(manifest, text.replace(/"database": "[^"]*"/, '"database": "other"'));
      },
      message: 'is damaged: its manifest says that it is a backup of other.',
    },
    {
      title: 'with a manifest whose sha256 was edited',
      damage: async (path, manifest) => {
        const text = await readFile(manifest, 'utf8');
        await writeFile(manifest, text.replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "0000'));
      },
      message: 'was changed: its sha256 differs from the manifest.',
    },
    {
      title: 'with a manifest that is cut off',
      damage: async (path, manifest) => truncate(manifest, 40),
      message: 'is damaged: its manifest is not JSON.',
    },
    {
      title: 'with a manifest that lacks a field',
      damage: async (path, manifest) => {
        const { sha256: _, ...file } = (
          JSON.parse(await readFile(manifest, 'utf8')) as { file: Record<string, unknown> }
        ).file;
        const rest = JSON.parse(await readFile(manifest, 'utf8')) as object;
        await writeFile(manifest, JSON.stringify({ ...rest, file }));
      },
      message: /is damaged: its manifest is invalid at file\.sha256: /,
    },
  ])('$title', async ({ damage, message }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database);
    await damage(path, path.replace('.sql.gz', '.json'));
    const fake = await fakeServer();

    await expectFailure(
      ['restore', path, '--to', database, '--confirm', database],
      { env: fake.environment },
      { code: 'damaged', message, hint: 'Nothing was touched. Use another backup; list shows them.' },
    );
    expect({ changes: fake.changes, databases: fake.databases.filter(Boolean) }).toEqual(UNTOUCHED);
  });

  test('without its end line, with the way out for those who know better', async () => {
    const path = join((await workspace()).folder, 'cut.sql');
    await writeFile(path, 'CREATE TABLE t (id INT);\n');
    const fake = await fakeServer();

    await expectFailure(
      ['restore', path, '--to', 'shop'],
      { env: fake.environment },
      {
        code: 'damaged',
        message: `${path} does not end with the dump tool's last line (-- Dump completed): it is truncated, or was made without comments.`,
        hint: 'Nothing was touched. If you know that it is complete, add --allow-incomplete.',
      },
    );
    expect({ changes: fake.changes, databases: fake.databases.filter(Boolean) }).toEqual(UNTOUCHED);
  });
});

const REACHES = 'that reach outside the target database';
const OTHERWISE =
  'Nothing was touched. Check these lines. If you trust the rest, remove them in a copy of the file.';
const ALLOWABLE =
  'Nothing was touched. They concern only tables of the file itself. If you trust it: restore --allow-unsafe shows them and asks.';
const ACCOUNTS = 'Nothing was touched. A restore does not create users. To skip them, add --skip-accounts';

describe('an unsafe file is refused before the server is asked more than whether it is read-only', () => {
  test.each<{ statement: string; reason: string; what?: string; hint?: string }>([
    { statement: String.raw`\! touch canary;`, reason: 'client' },
    { statement: 'system touch canary', reason: 'is a client command' },
    { statement: 'source /etc/passwd', reason: 'is a client command' },
    { statement: "GRANT ALL ON *.* TO 'x'@'%';", reason: 'grants privileges', hint: ACCOUNTS },
    {
      statement: "CREATE USER 'x'@'%';",
      reason: 'creates a user, which is not part of a database',
      hint: ACCOUNTS,
    },
    { statement: 'DROP DATABASE other;', reason: 'drops a whole database' },
    { statement: 'INSERT INTO other.t VALUES (1);', reason: 'writes rows into other.t, in another database' },
    { statement: 'DROP TABLE other.t;', reason: 'drops other.t, in another database' },
    { statement: "SELECT 1 INTO OUTFILE '/tmp/canary';", reason: 'runs a query, or functions' },
    { statement: "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;", reason: 'reads a file' },
    { statement: 'SET GLOBAL general_log = 1;', reason: 'sets a variable of the whole server' },
    { statement: 'SET PERSIST general_log = 1;', reason: 'sets a variable of the whole server' },
    { statement: "INSTALL PLUGIN x SONAME 'x.so';", reason: 'installs a plugin' },
    { statement: 'FLUSH LOGS;', reason: 'concerns the server, not data' },
    { statement: 'SHUTDOWN;', reason: 'stops the server' },
    { statement: 'KILL 1;', reason: 'kills sessions or queries' },
    { statement: "CREATE FUNCTION f RETURNS INT SONAME 'x.so';", reason: 'loads a library into the server' },
    { statement: 'CALL mysql.x();', reason: 'runs a routine' },
    { statement: "PREPARE s FROM 'DROP DATABASE x';", reason: 'runs text as SQL' },
    { statement: 'UPDATE other.t SET id = 1;', reason: 'changes existing rows' },
    {
      statement: 'UPDATE t SET id = 1;',
      reason: 'changes existing rows',
      what: 'that no dump program writes',
      hint: ALLOWABLE,
    },
  ])('$statement', async ({ statement, reason, what = REACHES, hint = OTHERWISE }) => {
    const { folder } = await workspace();
    const path = join(folder, 'hostile.sql');
    await writeFile(
      path,
      `-- Host: localhost    Database: shop\nCREATE TABLE t (id INT);\n${statement}\n-- Dump completed\n`,
    );
    const fake = await fakeServer();

    const told = await expectFailure(
      ['restore', path, '--to', 'shop', '--confirm', 'shop'],
      { env: fake.environment },
      {
        code: 'unsafe',
        message: [`${path} contains statements ${what}: line 3 `, reason],
        hint,
      },
    );
    expect(told.message).toContain(/^(\w+|\\!)/.exec(statement)?.[0]);
    expect({ changes: fake.changes, databases: fake.databases.filter(Boolean) }).toEqual(UNTOUCHED);
    expect(await readFile(join(folder, 'canary')).catch(() => 'absent')).toBe('absent');
  });

  test.each([
    { title: 'by its statements', sql: 'CREATE DATABASE a;\nUSE a;\nCREATE DATABASE b;\nUSE b;\n' },
    {
      title: 'by a USE that leaves the one of its header',
      sql: '-- Host: localhost    Database: a\nUSE b;\n',
    },
    { title: 'by a CREATE of another', sql: '-- Host: localhost    Database: a\nCREATE DATABASE b;\n' },
  ])('a dump of several databases, which are named: $title', async ({ sql }) => {
    const path = join((await workspace()).folder, 'two.sql');
    await writeFile(path, `${sql}-- Dump completed\n`);
    const fake = await fakeServer();

    await expectFailure(
      ['restore', path, '--to', 'shop'],
      { env: fake.environment },
      {
        code: 'unsafe',
        message: `${path} is a dump of several databases: a, b.`,
        hint: `dbbackup restore ${path} --from-database b --to shop --dir `,
      },
    );
    expect({ changes: fake.changes, databases: fake.databases.filter(Boolean) }).toEqual(UNTOUCHED);
  });
});

describe('a backup that is not the one meant', () => {
  async function expectNotFound(
    reference: string,
    expected: Omit<ExpectedFailure, 'code'>,
    code: ExpectedFailure['code'] = 'not-found',
  ) {
    await expectFailure(['restore', reference], { server }, { code, ...expected });
  }

  test('is not found in an empty backup directory, which is named', async () => {
    await mkdir((await workspace()).backups);

    await expectNotFound('latest', {
      message: `There are no backups in ${(await workspace()).backups}.`,
      hint: 'Make one with create. If they are elsewhere, use --dir <folder>.',
    });
  });

  test('is told with near names, and refused when several fit', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const first = await madeBackup(server, database);
    const { backups } = await workspace();
    const folder = join(backups, database);
    await copyFile(first, join(folder, 'manual_2020-01-01_00-00-00.sql.gz'));
    await copyFile(first, join(folder, 'manual_2020-01-01_00-00-01.sql.gz'));
    const before = await filesOfBackups();

    await expectNotFound(`${database}/manual_2020-01-01_00-00-02`, {
      message: `There is no backup ${database}/manual_2020-01-01_00-00-02.`,
      hint: `Did you mean ${database}/manual_2020-01-01_00-00-0`,
    });
    await expectNotFound(`${database}x/latest`, {
      message: `There is no backup of ${database}x in ${backups}.`,
      hint: `Did you mean ${database}?`,
    });
    await expectNotFound('./nowhere.sql', {
      message: 'There is no backup file',
      hint: /To list the backups:\s+dbbackup list --dir /,
    });
    await expectNotFound(
      `${database}/2020-01-01`,
      {
        message: '2 backups have 2020-01-01 in their name.',
        hint: `Use more of the name: ${database}/manual_2020-01-01_00-00-01.sql.gz, ${database}/manual_2020-01-01_00-00-00.sql.gz.`,
      },
      'usage',
    );
    expect(await filesOfBackups()).toEqual(before);
  });

  test('is refused when latest could be of two databases', async () => {
    const one = await freshDatabase(server, { sql: SQL });
    const two = await freshDatabase(server, { sql: SQL });
    for (const database of [one, two]) await madeBackup(server, database);

    await expectNotFound(
      'latest',
      {
        message: 'There are backups of several databases in',
        hint: /Name one: test_\w+\/latest or test_\w+\/latest\./,
      },
      'usage',
    );
  });
});

describeOneServer('a restore', (each) => {
  test('that nobody confirmed leaves the target as it is, and says what to type', async () => {
    const database = await freshDatabase(each, { sql: SQL });
    await madeBackup(each, database);
    const before = { dump: await contentOf(each, database), files: await filesOfBackups() };

    await expectFailure(
      ['restore', `${database}/latest`],
      { server: each },
      {
        code: 'not-confirmed',
        message: `Restoring replaces what ${database} holds, and there is no terminal to confirm on. Nothing was touched.`,
        hint: new RegExp(
          `^dbbackup restore ${database}/manual_\\S+ (--json )?--confirm ${database} --dir /\\S+ --host 127.0.0.1 --port ${each.port} --user root --ssl-mode PREFERRED$`,
        ),
      },
    );
    await expectFailure(
      ['restore', `${database}/latest`, '--confirm', 'another'],
      { server: each },
      {
        code: 'not-confirmed',
        message: `--confirm names "another", but the restore replaces "${database}". Nothing was touched.`,
        hint: `--confirm ${database}`,
      },
    );
    expect({ dump: await contentOf(each, database), files: await filesOfBackups() }).toEqual(before);
  });

  test('or a backup is refused while another run has the lock, and names its job, process and host', async () => {
    const database = await freshDatabase(each, { sql: SQL });
    const path = await madeBackup(each, database);
    const env = await pathWith(each, { dumpTool: 'dump-tool-that-hangs.sh' });
    const holder = await startDbbackup(['create', database], { server: each, env });
    await waitFor('the lock to be taken', async () => `${database}/.lock` in (await filesOfBackups()));
    await waitFor('the dump', async () =>
      Object.keys(await filesOfBackups()).some((name) => name.endsWith('.partial')),
    );

    for (const args of [
      ['create', database],
      ['restore', path, '--confirm', database],
    ]) {
      await expectFailure(
        args,
        { server: each },
        {
          code: 'locked',
          message: [
            `A backup of ${database} is already running: job `,
            `pid ${holder.pid} on `,
            `(dbbackup create ${database})`,
          ],
          hint: ['Wait for it (--lock-wait 10m), or check on it: dbbackup status ', 'remove '],
        },
      );
    }
    // From another backup directory, as from another host, the lock on the server is what tells.
    await expectFailure(
      ['create', database, '--dir', 'elsewhere'],
      { server: each },
      {
        code: 'locked',
        message: [
          `A backup or restore of ${database} is already running, from another host or another backup directory`,
          'connection ',
        ],
        hint: 'SHOW PROCESSLIST',
      },
    );
    holder.signal('SIGTERM');
    await holder.finished;
  });
});
