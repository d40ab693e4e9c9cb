import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../../src/doctor/finding/finding.ts';
import { scratchSchemas } from '../../../src/run/scratch-names.ts';
import type { Status } from '../../../src/jobs/record/status.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { NOBODY, nobody } from '../../harness/nobody.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

/** The user nobody, who may only read the backup directory, and has a state folder. */
async function reader(server: TestServer) {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const user = await nobody(server);
  const { folder } = user;
  const backups = join(folder, 'backups');
  const path = (await user.run(['create', database])).stdout.trim();
  for (const inside of [join(backups, database), join(backups, '.jobs'), backups]) await chmod(inside, 0o555);
  const before = await readdir(backups, { recursive: true });
  const state = join(folder, 'state');
  await mkdir(state, { mode: 0o700 });
  await chown(state, NOBODY, NOBODY);
  return {
    ...{ database, folder, backups, path, before },
    standIn: join(state, 'dbbackup', encodeURIComponent(backups)),
    run: (args: readonly string[]) => user.run(args, [`XDG_STATE_HOME=${state}`]),
    runWithoutState: (args: readonly string[]) => user.run(args),
    runLine: (line: string) =>
      user.run([...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? '').slice(1)),
  };
}

// Only root can be another user, and mount something.
describe.runIf(process.getuid?.() === 0)('a backup directory that may only be read', () => {
  describeOneServer('restore', (server) => {
    test('takes a backup by its name, and says where it keeps its job and the safety backup', async () => {
      const { database, backups, before, standIn, run, runLine } = await reader(server);
      await server.sql(`DELETE FROM ${quoted(database)}.orders LIMIT 1;`);
      const dump = await server.dump(database);

      const planned = await run(['restore', `${database}/latest`, '--dry-run']);
      expect(planned).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`the undo command shown at the end restores it; kept in ${standIn}`),
      });
      const restored = await run(['restore', `${database}/latest`, '--confirm', database]);
      expect(restored).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining(
          `You may not write to ${backups}: job files and safety backups are kept in ${standIn}`,
        ),
      });
      expect(await readdir(backups, { recursive: true })).toEqual(before);
      expect((await readdir(join(standIn, database))).some((name) => name.startsWith('pre-restore_'))).toBe(
        true,
      );

      const status = JSON.parse((await run(['status', '--json'])).stdout) as Status;
      expect(status).toMatchObject({ directory: backups, standIn, problems: [], warnings: [] });
      expect(status.jobs.map(({ operation }) => operation)).toEqual(['restore', 'create']);
      expect((await run(['status'])).stdout).toContain(standIn);
      const id = status.jobs[0]?.id ?? '';
      expect((await run(['status', id, '--log'])).stdout).toContain('succeeded');

      const undo = await run(['undo', '--dry-run']);
      expect(undo).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`Undo the restore ${id} of`),
      });
      expect(await runLine(restored.stdout.trim())).toMatchObject({ exitCode: 0 });
      expect((await server.dump(database)).equals(dump)).toBe(true);
    });

    test('and a rehearsal work, too, where the jobs may not even be read', async () => {
      const { database, backups, run } = await reader(server);
      await chown(join(backups, '.jobs'), 0, 0);
      await chmod(join(backups, '.jobs'), 0o700);
      for (const args of [
        ['restore', `${database}/latest`, '--confirm', database],
        ['verify', `${database}/latest`, '--rehearse'],
      ]) {
        const { exitCode, stderr } = await run(args);
        expect(exitCode, stderr).toBe(0);
      }
    });

    test('asks for another folder where it has none of its own', async () => {
      const { database, path, folder, backups, runWithoutState } = await reader(server);
      const dump = await server.dump(database);

      const refused = await runWithoutState(['restore', `${database}/latest`, '--confirm', database]);
      expect(refused.exitCode).toBe(17);
      expect(refused.stderr).toContain(
        `You may not write to ${backups}, and there is nowhere else to keep job files`,
      );
      expect(refused.stderr).toContain('Choose another directory for them with --dir, or set XDG_STATE_HOME');
      expect(refused.stderr).toContain(`       ${path}\n`);
      expect((await server.dump(database)).equals(dump)).toBe(true);

      const elsewhere = join(folder, 'elsewhere');
      expect(
        await runWithoutState(['restore', path, '--confirm', database, '--dir', elsewhere]),
      ).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`--dir ${elsewhere}`) });
    });

    test('keeps jobs that status, doctor and --resume find', async () => {
      const { database, standIn, run, runLine } = await reader(server);
      await run(['restore', `${database}/latest`, '--confirm', database, '--keep-old']);
      const [name = ''] = (await readdir(join(standIn, '.jobs'))).filter((each) => each.endsWith('.json'));
      const job = JSON.parse(await readFile(join(standIn, '.jobs', name), 'utf8')) as { result: object };
      expect(job.result).toMatchObject({ undoCommand: expect.stringContaining(`--dir ${standIn} `) });

      const id = basename(name, '.json');
      const { old } = scratchSchemas(id);
      const examined = JSON.parse((await run(['doctor', '--json'])).stdout) as { findings: Finding[] };
      expect(examined.findings.filter(({ message }) => message.includes(old))).toMatchObject([
        { level: 'ok', message: expect.stringContaining(`before the restore ${id} are kept until`) },
      ]);
      const listed = JSON.parse((await run(['list', '--json'])).stdout) as { kept: { job: string }[] };
      expect(listed.kept.map(({ job }) => job)).toEqual([id]);
      await server.sql(`DROP DATABASE ${old};`);

      const resumed = await run(['restore', '--resume', id]);
      expect(resumed).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('left nothing to complete or roll back'),
      });
      expect(await runLine(`dbbackup status ${id} --dir ${standIn}`)).toMatchObject({ exitCode: 0 });
    });
  });

  describeOneServer('verify, list and doctor', (server) => {
    test('work there, and doctor says what does not', async () => {
      const { database, backups, before, standIn, run } = await reader(server);

      expect(await run(['list'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(database) });
      expect(await run(['verify', '--all'])).toMatchObject({ exitCode: 0 });
      const rehearsed = await run(['verify', '--rehearse', `${database}/latest`]);
      expect(rehearsed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(standIn) });
      expect(rehearsed.stderr).toContain('The rehearsal could not be recorded in the manifest');
      expect(await readdir(backups, { recursive: true })).toEqual(before);

      const created = await run(['create', database]);
      expect(created.exitCode).toBe(17);
      const { findings } = JSON.parse((await run(['doctor', database, '--json'])).stdout) as {
        readonly findings: readonly Finding[];
      };
      expect(findings).toContainEqual(
        expect.objectContaining({
          level: 'problem',
          check: 'folder',
          message: `You may not write to ${backups}.`,
          why: `Backups would fail. Existing backups can be restored and rehearsed; job files and safety backups are then kept in ${standIn}`,
        }),
      );
    });
  });

  describeOneServer('a file system that is mounted read-only', (server) => {
    test('gives its backups to root, too', async () => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      const { folder, backups } = await workspace();
      await runDbbackup(['create', database], { server });
      await execa('mount', ['--bind', backups, backups]);
      onTestFinished(async () => {
        await execa('umount', [backups]);
      });
      await execa('mount', ['-o', 'remount,bind,ro', backups]);

      const options = { server, env: { XDG_STATE_HOME: join(folder, 'state') } };
      const restored = await runDbbackup(['restore', `${database}/latest`, '--confirm', database], options);
      expect(restored).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining(join(folder, 'state', 'dbbackup')),
      });
      expect(await runDbbackup(['verify'], options)).toMatchObject({ exitCode: 0 });
      expect(await runDbbackup(['create', database], options)).toMatchObject({
        exitCode: 17,
        stderr: expect.stringContaining('the file system is read-only'),
      });
    });
  });
});
