import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, manifestOf, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { replacingJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';

const SQL = `${manyRowsSql(60_000)} CREATE TABLE small (id INT PRIMARY KEY); INSERT INTO small VALUES (1);`;

/** A restore in place that was killed when some of its tables were there again. @returns its id. */
async function killedWhileLoading(
  server: TestServer,
  backup: string,
  database: string,
  args: readonly string[] = [],
): Promise<string> {
  const run = await startDbbackup(['restore', backup, '--confirm', database, '--in-place', ...args], {
    server,
  });
  const { id } = await waitFor('the load', async () =>
    (await replacingJobs()).find(({ step }) => step === 'Restoring database from backup...'),
  );
  await waitFor('a table', async () => (await server.query('SHOW TABLES', database)) !== '');
  run.signal('SIGKILL');
  expect(await run.finished).toMatchObject({ signal: 'SIGKILL' });
  const sessions = `SELECT COUNT(*) FROM ${server.processlist} WHERE db = '${database}'`;
  await waitFor('its sessions to end', async () => Number(await server.query(sessions)) === 0);
  return id;
}

/** The command that a message ends with, run as it is. */
async function runCommandAfter(words: string, text: string, server: TestServer): Promise<string> {
  const [, command] = new RegExp(`${words}:\\s+dbbackup (.*)$`, 'm').exec(text) ?? [];
  expect(command, text).toBeDefined();
  return (await succeeds(command!.split(' '), { server })).stderr;
}

describeOneServer('a restore in place that was killed', (server) => {
  test('is not made good by a backup that was made of what it left', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    const id = await killedWhileLoading(server, backup, database);
    const made = await runDbbackup(['create', database], { server });
    expect(made.exitCode).toBe(3);
    const half = made.stdout.trimEnd();
    const doubt = `its database was only partly restored when it was made (${id})`;
    expect((await succeeds(['list'])).stdout).toContain(doubt);
    expect((await succeeds(['verify', half])).stdout).toContain(doubt);
    const { stdout } = await succeeds(['restore', `${database}/latest`, '--dry-run'], { server });
    expect(stdout).toContain(basename(backup, '.sql.gz'));

    const { stderr } = await succeeds(['restore', half, '--confirm', database, '--no-safety-backup'], {
      server,
    });
    expect(stderr).toContain(
      `warning: Backup warning: The restore ${id} of ${database} was interrupted in place`,
    );
    expect((await succeeds(['status'])).stdout).toContain(`${database} may hold only part of the backup.`);

    await succeeds(['restore', backup, '--confirm', database, '--no-safety-backup'], { server });
    expect((await succeeds(['status'])).stdout).not.toContain('may hold only part');
  });

  test('is told by every command until the database is whole again', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    await server.sql("UPDATE many_rows SET note = 'since then'", database);
    const before = await server.dump(database);
    const id = await killedWhileLoading(server, backup, database);
    const state = `${database} may hold only part of the backup.`;
    const command = `dbbackup restore ${database}/pre-restore_`;
    const wayBack = `To bring back the previous contents of ${database}:`;

    const told = `The restore ${id} of ${database} was interrupted in place: ${state}`;
    const { exitCode, stderr, stdout } = await runDbbackup(['create', database], { server });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      `warning: ${told} A backup made now may be incomplete too. ${wayBack} ${command}`,
    );
    expect((await manifestOf(stdout.trim())).warnings).toContainEqual(expect.stringContaining(told));

    const resumed = await runDbbackup(['restore', '--resume', id], { server });
    expect(resumed.exitCode).toBe(21);
    expect(resumed.stderr).toContain(
      `error: The restore ${id} of ${database} was interrupted in place, so it cannot be completed or rolled back: ${state}`,
    );
    expect(resumed.stderr).toContain(`hint:  ${wayBack}\n       ${command}`);
    expect(resumed.stderr).not.toMatch(/\brm /); // its record is what all the others tell it by

    const all = await succeeds(['status']);
    expect(all.stdout).toContain(`${database} on ${server.host}:${server.port}: restore interrupted`);
    expect(all.stdout).toContain(`    ${state}\n    ${wayBack}\n    ${command}`);
    const one = await succeeds(['status', id]);
    expect(one.stdout).toMatch(new RegExp(`^left +${state}\nto settle it +${wayBack}\n +${command}`, 'm'));
    const json = await succeeds(['status', id, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      job: { state: 'interrupted', replacing: { returnCommand: expect.stringContaining('pre-restore_') } },
    });

    const said = await runCommandAfter(
      `To bring back the previous contents of ${database}`,
      one.stdout,
      server,
    );
    expect(said).toContain(`warning: ${told}`);
    expectSameDump(await server.dump(database), before);
    expect((await succeeds(['status'])).stdout).not.toContain(state);
    expect((await succeeds(['create', database], { server })).stderr).not.toContain(id);
    expect((await succeeds(['restore', '--resume', id], { server })).stderr).toContain(
      'left nothing to complete or roll back',
    );
  });

  test('without a safety backup is told with the backup that it restored, whatever is the latest now', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await backUp(server, database);
    const before = await server.dump(database);
    const id = await killedWhileLoading(server, `${database}/latest`, database, ['--no-safety-backup']);
    await runDbbackup(['create', database], { server });
    const single = ['restore', `${database}/latest`, '--table', 'many_rows', '--confirm', database];
    await runDbbackup([...single, '--no-safety-backup'], { server });
    expect(await replacingJobs()).toMatchObject([{ id }]);

    const { stdout } = await succeeds(['status', id]);
    await runCommandAfter('There is no safety backup. To restore again', stdout, server);
    expectSameDump(await server.dump(database), before);
    expect(await replacingJobs()).toEqual([]);
  });

  test('is marked before its first change', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    const before = await server.dump(database);
    const release = await holdTable(server, database, 'small');
    const run = await startDbbackup(
      ['restore', backup, '--confirm', database, '--in-place', '--no-safety-backup'],
      { server },
    );
    await waitFor('the mark', async () => (await replacingJobs()).length === 1);
    run.signal('SIGTERM');

    expect(await run.finished).toMatchObject({ exitCode: 143 });
    await release();
    expectSameDump(await server.dump(database), before);
    expect(await replacingJobs()).toEqual([]);
  });
});
