import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import type { RunningDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../../harness/describe-each-server.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import type { SwapStep } from '../../../../src/jobs/record/swap-journal.ts';
import { comesTo, unsettledJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

/** A restore of another database, by a run that knows another backup directory. @returns what it says on stderr. */
async function restoreElsewhere(server: TestServer): Promise<string> {
  const dir = join((await workspace()).folder, 'elsewhere');
  const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
  const backup = await backUp(server, database, ['--dir', dir]);
  const { stderr } = await succeeds(['restore', backup, '--confirm', database, '--dir', dir], { server });
  return stderr;
}

function startRestore(server: TestServer, backup: string, database: string): Promise<RunningDbbackup> {
  return startDbbackup(['restore', backup, '--confirm', database, '--no-safety-backup'], { server });
}

/** A restore that was killed while its swap waited for another session, which has let go of the table by now. */
async function killedWhileSwapping(
  server: TestServer,
  backup: string,
  database: string,
): Promise<{ readonly job: string; readonly stage: string; readonly old: string }> {
  const release = await holdTable(server, database, 'many_rows');
  const run = await startRestore(server, backup, database);
  expect(await comesTo('swapping', run)).toBe(true);
  run.signal('SIGKILL');
  await run.finished;
  const [job] = await unsettledJobs();
  const { stage, old } = job!.swap!;
  const sessions = `SELECT id FROM ${server.processlist} WHERE db = '${old}'`;
  // None of them may rename anything once the table is let go of, not even what the server has not read yet.
  await waitFor('its sessions to end', async () => {
    const ids = (await server.query(sessions)).split('\n').filter((line) => line !== '');
    for (const id of ids) await server.query(`KILL ${id}`).catch(() => undefined); // gone by itself
    return ids.length === 0;
  });
  await release();
  return { job: job!.id, stage, old };
}

describeOneServer('what a dead restore left, seen from another backup directory', (server) => {
  test('is removed when only the staging schema is there', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(20_000) });
    const backup = await backUp(server, database);
    const run = await startRestore(server, backup, database);
    const schemas = () => server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_stage\_%'`);
    const job = async () => (await unsettledJobs())[0]?.id ?? 'none';
    expect(await comesTo('staging', run)).toBe(true);
    // Stopped while the server is asked, since by the time of the answer its swap may have begun.
    await waitFor('the staging schema', async () => {
      run.signal('SIGSTOP');
      if ((await schemas()).includes(await job())) return true;
      run.signal('SIGCONT');
      return false;
    });
    run.signal('SIGKILL');
    await run.finished;
    const left = `dbbackup_stage_${await job()}`;
    // The server frees the dead run's lock a moment after its death.
    await waitFor('the removal', async () => {
      await restoreElsewhere(server);
      return !(await schemas()).includes(left);
    });

    const { stderr } = await succeeds(['restore', '--resume', await job()], { server });

    expect(stderr).toContain('was interrupted and left nothing on the server');
    expect(await unsettledJobs()).toEqual([]);
  });

  test('is named and stays when its swap had begun', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    const before = await server.dump(database);
    const { job, stage, old } = await killedWhileSwapping(server, backup, database);

    let said = '';
    await waitFor('the lock of the dead run to be free', async () => {
      said = await restoreElsewhere(server);
      return said.includes(old);
    });

    expect(said).toContain(stage);
    expect(said).toContain(`run this where it was started: restore --resume ${job}.`);
    expect(await server.query(`SHOW DATABASES LIKE 'dbbackup%${job}'`)).toContain(stage);
    await succeeds(['restore', '--resume', job], { server });
    expectSameDump(await server.dump(database), before);
  });

  test('is not taken for a swap that happened when somebody dropped the staging schema', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    await server.sql('UPDATE many_rows SET note = "since then"', database);
    const before = await server.dump(database);
    const { job, stage } = await killedWhileSwapping(server, backup, database);
    await server.sql(`DROP DATABASE ${stage};`);

    const { stderr } = await succeeds(['restore', '--resume', job], { server });

    expect(stderr).toContain('has been rolled back');
    expectSameDump(await server.dump(database), before);
  });
});

describeOneServer('a dead restore, settled on another server than its own', (server) => {
  test('is not told to have left nothing, and says the command that reaches its own', async () => {
    await using other = await ownServer(server);
    const database = await freshDatabase(server, { sql: manyRowsSql(20_000) });
    const backup = await backUp(server, database);
    const run = await startRestore(server, backup, database);
    expect(await comesTo('staging', run)).toBe(true);
    run.signal('SIGKILL');
    await run.finished;
    const [job] = await unsettledJobs();

    const { exitCode, stderr } = await runDbbackup(['restore', '--resume', job!.id], {
      server: other.server,
    });
    expect(exitCode, stderr).toBe(10);
    expect(stderr).toContain(`The schemas of the restore ${job!.id} are not on this server.`);
    const [, command = ''] =
      /^hint: +Resume it where it was started, on \S+:\n +dbbackup (restore --resume .*)$/m.exec(stderr) ??
      [];
    expect(command).toContain(job!.id);
    await other.server.sql(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT);`);
    await succeeds(['create', database], { server: other.server });
    expect(await unsettledJobs()).toHaveLength(1);

    await succeeds(command.split(' '), { server });
    expect(await unsettledJobs()).toEqual([]);
    expect(await server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_stage\_%'`)).not.toContain(job!.id);
  });
});

describeOneServer('a restore that was cut off in the middle of its swap', (server) => {
  test('says what to type when tables of the backup are nowhere', async () => {
    const database = await freshDatabase(server, {
      sql: `${manyRowsSql(1_000)} CREATE TABLE small (id INT PRIMARY KEY); INSERT INTO small VALUES (1);`,
    });
    const backup = await backUp(server, database);
    const restored = await server.dump(database);
    await server.sql("UPDATE many_rows SET note = 'since then'; DELETE FROM small;", database);
    const before = await server.dump(database);
    const { job, stage, old } = await killedWhileSwapping(server, backup, database);
    await server.sql(`RENAME TABLE ${database}.many_rows TO ${old}.many_rows, ${database}.small TO ${old}.small,
      ${stage}.small TO ${database}.small;
      DROP DATABASE ${stage};`);
    const restore = ['restore', backup, '--confirm', database];

    const { exitCode, stderr } = await runDbbackup(restore, { server });

    expect(exitCode).toBe(21);
    expect(stderr).toContain(`Tables of the backup are neither in ${database} nor in ${stage}: many_rows.`);
    const [, renames, drops] =
      /^hint: +To move the original tables back into \S+: (.*;)\n +Once they are back: (.*;)\n +Then restore again\.$/m.exec(
        stderr,
      ) ?? [];
    await server.sql(renames!);
    expectSameDump(await server.dump(database), before);
    await server.sql(drops!);
    await succeeds(restore, { server });
    expectSameDump(await server.dump(database), restored);
    await forget(server, job);
  });
});

describeOneServer('a restore whose record of the swap is damaged', (server) => {
  /** One that was cut off at a step, with a record that is cut off too. */
  async function cutOffAt(step: SwapStep) {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    const restored = await server.dump(database);
    await server.sql("UPDATE many_rows SET note = 'since then'", database);
    const before = await server.dump(database);
    // The held table lets no safety backup pass.
    const safety = await backUp(server, database);
    const { backups } = await workspace();
    const returnCommand = `dbbackup restore ${safety} --confirm ${database} --no-safety-backup --dir ${backups}`;
    const { job, stage, old } = await killedWhileSwapping(server, backup, database);
    const folder = join(backups, '.jobs');
    const state = JSON.parse(await readFile(join(folder, `${job}.json`), 'utf8')) as Job;
    const swap = { ...state.swap, step, returnCommand };
    await writeFile(join(folder, `${job}.json`), JSON.stringify({ ...state, swap }));
    if (step === 'finishing' || step === 'clearing')
      await server.sql(`RENAME TABLE ${database}.many_rows TO ${old}.many_rows,
        ${stage}.many_rows TO ${database}.many_rows;`);
    const record = join(folder, `${job}.swap`);
    await truncate(record, 100);
    return { database, before, restored, job, stage, old, record };
  }

  test.each(['swapping', 'finishing'] as const)(
    'at the step %s says where the tables are and what to type',
    async (step) => {
      const { database, before, job, stage, old, record } = await cutOffAt(step);

      let said = '';
      for (const args of [
        ['create', database],
        ['restore', '--resume', job],
      ]) {
        const { exitCode, stderr } = await runDbbackup(args, { server });
        expect(exitCode, stderr).toBe(21);
        expect(stderr).toContain(`error: The record of a swap is damaged: ${record} (`);
        expect(stderr).toContain(
          `So the restore ${job} of ${database} can be neither completed nor rolled back.`,
        );
        expect(stderr).toContain(
          `The tables of ${database} before the restore are in ${old}, those of the backup in ${stage}, if they are not in place.`,
        );
        said = stderr;
      }

      const [, renames] = /^ *To move the original tables back into \S+: (.*;)$/m.exec(said) ?? [];
      const [, drops] =
        /^ *(?:Once they are back: |.*To remove what is left of it: )(DROP DATABASE .*;)$/m.exec(said) ?? [];
      expect(drops, said).toBeDefined();
      const [, back] = /^ *Then, to bring back triggers, .* as well:\s+dbbackup (.*)$/m.exec(said) ?? [];
      expect(renames !== undefined).toBe(step === 'finishing');
      if (renames !== undefined) await server.sql(renames);
      expectSameDump(await server.dump(database), before);
      await server.sql(drops!);
      await succeeds(back!.split(' '), { server });
      expectSameDump(await server.dump(database), before);
      await forget(server, job);
    },
  );

  test.each([
    { step: 'staging', outcome: 'has been rolled back' },
    { step: 'clearing', outcome: 'has been completed' },
  ] as const)('at the step $step is settled without it', async ({ step, outcome }) => {
    const { database, before, restored, job } = await cutOffAt(step);

    const { stderr } = await succeeds(['create', database], { server });

    expect(stderr).toContain(`The restore ${job} of ${database} was interrupted and ${outcome}`);
    expectSameDump(await server.dump(database), step === 'staging' ? before : restored);
    expect(await unsettledJobs()).toEqual([]);
  });
});

describeOneServer('a restore whose journal was put back to an older one', (server) => {
  test('is settled by where the tables are: those of the target are not dropped', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    const restored = await server.dump(database);
    await server.sql("UPDATE many_rows SET note = 'since then'", database);
    const { job, stage, old } = await killedWhileSwapping(server, backup, database);
    const file = join((await workspace()).backups, '.jobs', `${job}.json`);
    const state = JSON.parse(await readFile(file, 'utf8')) as Job;
    await writeFile(file, JSON.stringify({ ...state, swap: { ...state.swap, step: 'staging' } }));
    // Unless its own RENAME was quicker than the KILL.
    if ((await server.query('SHOW TABLES', old)) === '')
      await server.sql(`RENAME TABLE ${database}.many_rows TO ${old}.many_rows,
        ${stage}.many_rows TO ${database}.many_rows;`);

    await truncate(file.replace(/json$/, 'swap'), 100);
    const damaged = await runDbbackup(['create', database], { server });
    expect(damaged.exitCode, damaged.stderr).toBe(21);
    expect(await server.query('SHOW TABLES', old)).toBe('many_rows');

    await server.sql(`RENAME TABLE ${database}.many_rows TO ${stage}.many_rows,
      ${old}.many_rows TO ${database}.many_rows;`);
    const { stderr } = await succeeds(['create', database], { server });
    expect(stderr).toContain(`The restore ${job} of ${database} was interrupted and has been rolled back`);
    await succeeds(['restore', backup, '--confirm', database], { server });
    expectSameDump(await server.dump(database), restored);
  });
});

/** A job whose schemas are gone from the server is forgotten by `--resume`, which `status` names. */
async function forget(server: TestServer, job: string): Promise<void> {
  const { stderr } = await succeeds(['restore', '--resume', job], { server });
  expect(stderr).toContain(`The schemas of the restore ${job} were removed from the server`);
  expect(await unsettledJobs()).toEqual([]);
}

describeEachFlavour('a server that was killed while it dropped a trigger', (server) => {
  test('does not keep a restore from being taken back, nor its schemas from being dropped', async () => {
    const database = await freshDatabase(server, {
      sql: `${manyRowsSql(1_000)} CREATE TRIGGER tr BEFORE INSERT ON many_rows FOR EACH ROW SET NEW.note = 'by tr';`,
    });
    const backup = await backUp(server, database);
    await server.sql("UPDATE many_rows SET note = 'since then'", database);
    const before = await server.dump(database);
    const { job, stage } = await killedWhileSwapping(server, backup, database);
    // Of a trigger that is half dropped, MariaDB's file with its name is left. MySQL has no such files.
    const data = await server.query('SELECT @@datadir');
    if (server.flavour === 'mariadb') {
      for (const schema of [stage, database]) {
        const trigger = 'TYPE=TRIGGERNAME\ntrigger_table=many_rows\n';
        await writeFile(join(data, schema, 'tr.TRN'), trigger, { mode: 0o666 });
      }
    }

    const { stderr } = await succeeds(['create', database], { server });

    expect(stderr).toContain(`The restore ${job} of ${database} was interrupted and has been rolled back`);
    expectSameDump(await server.dump(database), before);
    expect(await unsettledJobs()).toEqual([]);
  });
});
