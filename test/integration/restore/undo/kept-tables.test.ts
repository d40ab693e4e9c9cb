import { setTimeout as sleep } from 'node:timers/promises';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { wordsOf } from '../../../harness/printed-commands.ts';
import { workspace } from '../../../harness/workspace.ts';

describeOneServer('tables kept with --keep-old', (server) => {
  const schemas = async (job: string): Promise<string> =>
    server.query(
      `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'dbbackup%${job}'`,
    );

  /** As if so much time had gone by. */
  async function let24HoursPass(job: string): Promise<void> {
    const path = join((await workspace()).backups, '.jobs', `${job}.json`);
    const record = JSON.parse(await readFile(path, 'utf8')) as { kept: { until: string } };
    record.kept.until = new Date(Date.now() - 1000).toISOString();
    await writeFile(path, JSON.stringify(record));
  }

  test('are told of by the plan, status, list and doctor, and outlast other runs until their time is over', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM orders;', database);
    const second = await server.dump(database);
    const restore = ['restore', backup, '--confirm', database];
    const { stdout, stderr } = await succeeds([...restore, '--keep-old', '2h'], { server });
    expect(stderr).toMatch(/keeps +the previous tables for 2 h, so that undo swaps them back; takes \S+ kB/);
    const job = wordsOf(stdout.trim())[1]!;

    const kept = `the restore ${job} (`;
    expect((await succeeds(['status'])).stdout).toContain(`${database}: its tables before ${kept}`);
    expect((await succeeds(['status', job])).stdout).toContain(kept);
    expect((await succeeds(['list', database])).stderr).toContain(`${database}: its tables before ${kept}`);
    const listed = JSON.parse((await succeeds(['list', '--json'])).stdout) as { kept: unknown };
    expect(listed.kept).toEqual([
      expect.objectContaining({
        database,
        job,
        schema: `dbbackup_old_${job}`,
        sizeBytes: expect.any(Number),
      }),
    ]);
    const doctor = await runDbbackup(['doctor', database], { server });
    expect(doctor.stdout).toContain(`before the restore ${job} are kept until`);

    await succeeds(['create', database], { server });
    const next = await succeeds([...restore, '--no-safety-backup'], { server }); // a second one
    expect(next.stdout).toBe('');
    expect(await schemas(job)).toBe(`dbbackup_old_${job}`);
    await let24HoursPass(job);
    const plan = await succeeds(['undo', job, '--dry-run'], { server });
    expect(plan.stdout).toContain('are swapped back atomically'); // as long as they are there
    expect(plan.stdout).toMatch(/undoes too +the restore \w+ of .*, from manual_\S+, which came later/);
    const { stderr: told } = await succeeds(['create', database], { server });
    expect(told).toContain(`Removed dbbackup_old_${job}`);
    expect(await schemas(job)).toBe('');
    expect(
      (await readdir(join((await workspace()).backups, '.jobs'))).filter((name) => name.endsWith('.old')),
    ).toEqual([]);

    // What was not kept comes from the safety backup.
    const undone = await succeeds(['undo', job, '--confirm', database, '--json'], { server });
    expect(JSON.parse(undone.stdout)).toMatchObject({
      schema: 'dbbackup/undo/1',
      undone: {
        method: 'restore',
        restore: { job },
        later: [{ backup: basename(backup).replace(/\.sql.*/, '') }],
      },
      safetyBackup: { label: 'pre-restore' },
    });
    expectSameDump(await server.dump(database), second);

    const twice = await runDbbackup(['undo', job, '--confirm', database], { server });
    expect(twice.exitCode).toBe(10);
    const { undone: by } = JSON.parse(undone.stdout) as { undone: { job: string } };
    expect(twice.stderr).toMatch(
      new RegExp(
        `The restore ${job} of ${database} was undone by ${by.job} at .*dbbackup undo ${by.job} `,
        's',
      ),
    );
    expectSameDump(await server.dump(database), second);
  });

  test('are swapped back though their time is over, as long as they are there', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM orders;', database);
    const second = await server.dump(database);
    const restore = ['restore', backup, '--confirm', database, '--keep-old', '--no-safety-backup'];
    const { stdout } = await succeeds(restore, { server });
    await let24HoursPass(wordsOf(stdout.trim())[1]!);

    const undone = await succeeds(wordsOf(stdout.trim()), { server });
    expectSameDump(await server.dump(database), second);
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(undone.stdout.trim())[1]!};`);
  });

  test('are forgotten when somebody has removed them, and the safety backup serves', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM orders;', database);
    const second = await server.dump(database);
    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const job = wordsOf(stdout.trim())[1]!;
    await server.sql(`DROP DATABASE dbbackup_old_${job};`);

    const { stderr } = await succeeds(['create', database], { server });
    expect(stderr).toContain(
      `dbbackup_old_${job}, tables of ${database} before the restore ${job}, is not on the server any more.`,
    );
    expect(JSON.parse((await succeeds(['list', '--json'])).stdout)).toMatchObject({ kept: [] });
    await succeeds(wordsOf(stdout.trim()), { server });
    expectSameDump(await server.dump(database), second);
  });

  test('of which the record is damaged: the plan tells where they are, and restores the safety backup', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const job = wordsOf(stdout.trim())[1]!;
    const record = join((await workspace()).backups, '.jobs', `${job}.old`);
    await writeFile(record, '{');

    const damaged = await succeeds(['undo', job, '--dry-run'], { server });
    expect(damaged.stdout).toMatch(/restores its safety backup, because The record of .* is damaged/s);
    expect(damaged.stdout).toContain(`The tables themselves are in dbbackup_old_${job}. To move one of them`);
    await chmod(record, 0o666);
    const untrusted = await succeeds(['undo', job, '--dry-run'], { server });
    expect(untrusted.stdout).toContain(`If you know that nobody has changed it:\nchmod go-w `);
    await server.sql(`DROP DATABASE dbbackup_old_${job};`);
  });

  test('are not kept where they could not be swapped back: exit code 2, nothing touched', async () => {
    const other = await freshDatabase(server, { sql: 'CREATE TABLE parent (id INT PRIMARY KEY);' });
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    const restore = ['restore', backup, '--confirm', database, '--keep-old'];
    const inPlace = await runDbbackup([...restore, '--in-place'], { server });
    expect(inPlace).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'cannot be kept (--keep-old), because the restore is made in place: --in-place was given',
      ),
    });
    await server.sql(
      `CREATE TABLE child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES ${other}.parent (id));`,
      database,
    );
    const tied = await runDbbackup(restore, { server });
    expect(tied).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        `child has a foreign key to ${other}.parent, which is not kept with it`,
      ),
    });
    await server.sql('DROP TABLE child;', database);
  });

  test('of single tables come back alone', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    await server.sql('CREATE TABLE alone (id INT PRIMARY KEY); INSERT INTO alone VALUES (1);', database);
    const withAlone = await backUp(server, database);
    await server.sql('UPDATE alone SET id = 2; CREATE TABLE since (id INT);', database);
    const second = await server.dump(database);
    const { stdout } = await succeeds(
      ['restore', withAlone, '--table', 'alone', '--confirm', database, '--keep-old', '--no-safety-backup'],
      { server },
    );
    expect(await server.query(`SELECT id FROM ${database}.alone`)).toBe('1');
    const undone = await succeeds(wordsOf(stdout.trim()), { server });
    expect(undone.stderr).toMatch(/only +alone; everything else stays/);
    expectSameDump(await server.dump(database), second);
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(undone.stdout.trim())[1]!};`);
    expect(backup).not.toBe(withAlone);
  });

  test('undo without a job takes the last restore of the database, asks, and names what is missing', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    const none = await runDbbackup(['undo'], { server });
    expect(none).toMatchObject({
      exitCode: 10,
      stderr: expect.stringContaining('There is no restore to undo in'),
    });
    await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const first = await server.dump(database);
    await sleep(2_000); // servers date writes in whole seconds
    await server.sql('DELETE FROM orders;', database);
    const unasked = await runDbbackup(['undo'], { server });
    expect(unasked).toMatchObject({
      exitCode: 13,
      stderr: expect.stringMatching(
        /written since +orders.*there is no terminal to confirm on. Nothing was touched/s,
      ),
    });
    const wrong = await runDbbackup(['undo', '--confirm', 'other'], { server });
    expect(wrong.exitCode).toBe(13);
    const created = await runDbbackup(['undo', await jobOf('create')], { server });
    expect(created).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not a restore') });
    const unkept = await runDbbackup(['undo', '--confirm', database, '--keep-old', '0'], { server });
    expect(unkept).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/would be lost: no backup is made .*such as --keep-old 1h/s),
    });
    const { stdout } = await succeeds(['undo', '--confirm', database], { server });
    expectSameDump(await server.dump(database), first);
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(stdout.trim())[1]!};`);
  });

  async function jobOf(operation: string): Promise<string> {
    const { jobs } = JSON.parse((await succeeds(['status', '--json'])).stdout) as {
      readonly jobs: readonly { readonly id: string; readonly operation: string }[];
    };
    return jobs.find((job) => job.operation === operation)!.id;
  }
});
