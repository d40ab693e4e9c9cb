// What release 0.1.0 wrote is still understood: test/fixtures/0.1.0 is a backup directory of it, with a restore that was
// killed while its swap waited for another session, and one that was killed in place.
import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { succeeds } from '../../../harness/backup.ts';
import { REPOSITORY } from '../../../harness/build.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { testServers } from '../../../harness/describe-each-server.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const BACKUP = 'manual_2026-11-26_20-13-07';
const SAFETY_BACKUP = 'pre-restore_2026-11-26_20-14-39';
const SWAPPING = '7n4z3pcd';
const IN_PLACE = 'b6nmtwzk';

const TABLES = `
  CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(50));
  CREATE TABLE sums (n INT); INSERT INTO sums VALUES (7);`;
/** As the restore found the database, and what it had in its staging schema when it was killed. */
const SERVER = `
  CREATE DATABASE shop CHARACTER SET latin1; USE shop; ${TABLES}
  INSERT INTO orders VALUES (1, 'changed'), (2, 'changed');
  CREATE VIEW turnover AS SELECT COUNT(*) AS n FROM orders;
  CREATE PROCEDURE add_order(i INT) INSERT INTO orders VALUES (i, 'added');
  CREATE TRIGGER counted AFTER INSERT ON orders FOR EACH ROW UPDATE sums SET n = n + 1;
  CREATE DATABASE dbbackup_old_${SWAPPING};
  CREATE DATABASE dbbackup_stage_${SWAPPING}; USE dbbackup_stage_${SWAPPING}; ${TABLES}
  INSERT INTO orders VALUES (1, 'first'), (2, 'second');`;

/** The backup directory, as if it had been written on this machine. */
async function backupDirectory(): Promise<string> {
  const { backups } = await workspace();
  await cp(join(REPOSITORY, 'test/fixtures/0.1.0'), backups, { recursive: true });
  const jobs = join(backups, '.jobs');
  await rename(join(backups, 'jobs'), jobs);
  for (const name of await readdir(jobs)) {
    const text = await readFile(join(jobs, name), 'utf8');
    const here = text.replaceAll('/srv/backups', backups).replace('"host": "vm"', `"host": "${hostname()}"`);
    await writeFile(join(jobs, name), here);
  }
  return backups;
}

function notes(server: TestServer): Promise<string> {
  return server.query('SELECT GROUP_CONCAT(note ORDER BY id) FROM shop.orders');
}

test('its backups are listed and checked, and its jobs are shown', async () => {
  await backupDirectory();

  const list = JSON.parse((await succeeds(['list', '--json'])).stdout) as { backups: unknown };
  expect(list.backups).toMatchObject([
    { name: SAFETY_BACKUP, state: 'complete' },
    { name: BACKUP, state: 'complete' },
  ]);
  const verified = await succeeds(['verify', `shop/${BACKUP}`, `shop/${SAFETY_BACKUP}`]);
  expect(verified.stdout.match(/^OK/gm)).toHaveLength(2);
  const { stdout } = await runDbbackup(['status']);
  expect(stdout).toContain(SWAPPING);
  expect(stdout).toContain(IN_PLACE);
  expect((await runDbbackup(['status', SWAPPING])).stdout).toContain(`--resume ${SWAPPING}`);
  expect((await runDbbackup(['status', IN_PLACE])).stdout).toContain('pre-restore_2026-11-26_20-15-03');
});

const like = testServers().find(({ flavour }) => flavour === 'mariadb');

describe.skipIf(like === undefined)('a restore of it that was killed while it swapped', () => {
  test('is resumed, and undone by its undo command', async () => {
    await backupDirectory();
    await using own = await ownServer(like!);
    const { server } = own;
    await server.sql(SERVER);

    await succeeds(['restore', '--resume', SWAPPING], { server });
    const schemas = await server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`);
    expect(schemas).toBe('');
    expect((await runDbbackup(['status'])).stdout).not.toContain(`--resume ${SWAPPING}`);
    expect(await notes(server)).toContain('changed,changed');

    await succeeds(['restore', `shop/${BACKUP}`, '--confirm', 'shop', '--no-safety-backup'], { server });
    expect(await notes(server)).toContain('first,second');
    const undo = ['restore', `shop/${SAFETY_BACKUP}`, '--confirm', 'shop', '--no-safety-backup'];
    await succeeds(undo, { server });
    expect(await notes(server)).toContain('changed,changed');
    expect(await server.query('CALL shop.add_order(3); SELECT n FROM shop.sums')).toContain('8');
  });
});
