import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { processRuntime } from '../../../../src/cli/process/process-context.ts';
import { resolveSettings, restoreBackup } from '../../../../src/library/library.ts';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { runAtTerminal } from '../../../harness/at-terminal.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { testServers } from '../../../harness/describe-each-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const server = testServers()[0]!;

describe('restore', () => {
  let database: string;
  let original: Buffer;
  let changed: Buffer;

  beforeEach(async () => {
    database = await freshDatabase(server, { sql: SHOP_SQL });
    original = await server.dump(database);
    await backUp(server, database);
    await server.sql('DELETE FROM orders; CREATE TABLE extra (id INT);', database);
    changed = await server.dump(database);
  });

  async function expectUntouched() {
    expectSameDump(await server.dump(database), changed);
    const { backups } = await workspace();
    expect((await readdir(join(backups, database))).filter((name) => name.startsWith('pre-restore'))).toEqual(
      [],
    );
  }

  test('without a terminal and without --confirm touches nothing, and says what to add', async () => {
    const text = await runDbbackup(['restore', 'latest'], { server });
    const json = await runDbbackup(['restore', 'latest', '--json'], { server });

    expect(text).toMatchObject({ exitCode: 13, stdout: '' });
    expect(text.stderr).toContain(
      `Restoring replaces what ${database} holds, and there is no terminal to confirm on. Nothing was touched.`,
    );
    expect(text.stderr).toMatch(
      // By the name that the plan shows: latest may be another one by then.
      new RegExp(
        `hint: +dbbackup restore ${database}/manual_\\S+ --confirm ${database} --dir /\\S+ --host 127\\.0\\.0\\.1 --port ${server.port} --user root`,
      ),
    );
    expect(text.stderr).toMatch(/removes +1 table \(extra\)/); // the plan, so that the log tells what was refused
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      exitCode: 13,
      error: { code: 'not-confirmed' },
    });
    await expectUntouched();
  });

  test('does not count the wait for the answer as time that it took', async () => {
    const hour = 3_600_000;
    let waitedMs = 0;
    const runtime = { ...processRuntime(), now: () => new Date(Date.now() + waitedMs) };
    const { connection } = await resolveSettings({ host: server.host, port: server.port, user: 'root' });
    const confirm = (): Promise<void> => {
      waitedMs = hour;
      return Promise.resolve();
    };

    const reference = `${database}/latest`;
    const directory = (await workspace()).backups;
    const { durationMs } = await restoreBackup({ connection, directory, reference, confirm }, runtime);

    expect(durationMs).toBeGreaterThan(0);
    expect(durationMs).toBeLessThan(hour);
    expectSameDump(await server.dump(database), original);
  });

  test('is refused when another database is confirmed, also one whose name is longer', async () => {
    for (const name of ['shop', `${database}2`, database.slice(0, -1)]) {
      const { exitCode, stderr } = await runDbbackup(['restore', 'latest', '--confirm', name], { server });

      expect(exitCode).toBe(13);
      expect(stderr).toContain(
        `--confirm names "${name}", but the restore replaces "${database}". Nothing was touched.`,
      );
    }
    await expectUntouched();
  });

  test('is refused when another database is confirmed although the target is empty', async () => {
    const empty = await freshDatabase(server);

    const { exitCode } = await runDbbackup(['restore', 'latest', '--to', empty, '--confirm', database], {
      server,
    });

    expect(exitCode).toBe(13);
    expect(await server.query('SHOW TABLES', empty)).toBe('');
  });

  test('goes on when the name is typed at the terminal, after the plan', async () => {
    const shown = await atTerminal(`dbbackup restore latest`, `${database}\r`);

    expect(shown.exitCode).toBe(0);
    expect(shown.text).toMatch(/removes +1 table \(extra\)/);
    expect(shown.text).toContain(`Type the name of the database to replace (${database}):`);
    expectSameDump(await server.dump(database), original);
  });

  test('asks again after a slip', async () => {
    const shown = await atTerminal(`dbbackup restore latest`, 'shpo\r', `${database}\r`);

    expect(shown.exitCode).toBe(0);
    expectSameDump(await server.dump(database), original);
  });

  test('touches nothing when nothing is typed', async () => {
    const shown = await atTerminal(`dbbackup restore latest`, '\r');

    expect(shown.exitCode).toBe(13);
    expect(shown.text).toContain('You typed "", not "');
    expect(shown.text).toContain('Nothing was touched.');
    await expectUntouched();
  });

  test('asks nothing at a terminal with --no-input', async () => {
    const shown = await atTerminal(`dbbackup restore latest --no-input`, '');

    expect(shown.exitCode).toBe(13);
    expect(shown.text).not.toContain('Type the name');
    await expectUntouched();
  });

  test('--no-safety-backup says in the plan that there is no way back, and prints no undo command', async () => {
    const { stdout, stderr } = await succeeds(
      ['restore', 'latest', '--confirm', database, '--no-safety-backup'],
      { server },
    );

    expect(stdout).toBe('');
    expect(stderr).toContain('NONE (--no-safety-backup): replaced data cannot be recovered');
    expectSameDump(await server.dump(database), original);
  });

  test('tells in JSON what it did and how to undo it', async () => {
    const { stdout } = await succeeds(['restore', 'latest', '--confirm', database, '--json'], { server });
    const { backups } = await workspace();

    const document = JSON.parse(stdout) as { undoCommand: string };
    expect(document).toMatchObject({
      schema: 'dbbackup/restore/1',
      ok: true,
      restored: { database, method: 'staging', removed: { tables: ['extra'] } },
      safetyBackup: {
        database,
        label: 'pre-restore',
        path: expect.stringContaining(`${backups}/${database}/pre-restore_`),
      },
    });
    expect(document.undoCommand).toMatch(/^dbbackup undo /);
  });
});

/** What is typed when it asks, and when it asks again. */
function atTerminal(command: string, typed: string, typedAgain = ''): ReturnType<typeof runAtTerminal> {
  return runAtTerminal(server, command, [
    { words: 'Type the name', answer: typed },
    { words: 'The name does not match', answer: typedAgain },
  ]);
}
