import { spawn } from 'node:child_process';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { workingCopy } from '../../campaign/artefact.ts';
import {
  expectDocumentedEnd,
  expectNothingLeft,
  expectSecret,
  expectWholeBackups,
} from '../../campaign/invariants.ts';
import { Site } from '../../campaign/site.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { lockRecord } from '../../harness/dead-locks.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import type { Job } from '../../../src/jobs/record/job.ts';

/** What the campaign looks at after each run is worth nothing unless it sees what it looks for. */
describe('the campaign’s invariants', () => {
  const server = testServers()[0]!;
  let site: Site;
  let backup: string;

  beforeEach(async () => {
    site = await Site.open(
      { program: workingCopy(), server, folder: await temporaryFolder() },
      'CREATE TABLE t (id INT);',
    );
    backup = await site.create();
    await expectWholeBackups(site);
    await expectNothingLeft(site);
    return async () => {
      await site[Symbol.asyncDispose]();
    };
  });

  const manifest = (): string => backup.replace('.sql.gz', '.json');
  const jobs = (): string => join(site.backups, '.jobs');
  /** A second backup, which has not been seen yet. */
  const another = (): Promise<string> => site.create();

  test.each<{ title: string; plant: () => Promise<unknown>; says: RegExp }>([
    { title: 'a backup that changed', plant: () => appendFile(backup, 'x'), says: /was changed/ },
    { title: 'a backup that went', plant: () => rm(backup), says: /was changed/ },
    {
      title: 'a manifest that changed',
      plant: async () =>
        writeFile(manifest(), (await readFile(manifest(), 'utf8')).replace('"manual"', '"other"')),
      says: /was changed/,
    },
    { title: 'half a backup', plant: async () => truncate(await another(), 300), says: /list shows|sha256/ },
    {
      title: 'a backup without its manifest',
      plant: async () => rm((await another()).replace('.sql.gz', '.json')),
      says: /list shows/,
    },
    {
      title: 'a backup that holds something else',
      plant: async () => {
        await server.sql('CREATE TABLE more (id INT);', site.database);
        await another();
      },
      says: /its SQL is that of the others/,
    },
  ])('see $title', async ({ plant, says }) => {
    await plant();
    await expect(expectWholeBackups(site)).rejects.toThrow(says);
  });

  test.each<{ title: string; plant: () => Promise<unknown>; says: RegExp }>([
    {
      title: 'a partial file',
      plant: () => {
        leavesBehind(['partial'], 'it is planted');
        return writeFile(join(dirname(backup), `.${basename(backup)}.partial`), '');
      },
      says: /nothing but backups/,
    },
    {
      title: 'a lock',
      plant: async () => {
        const record = await lockRecord(site.database, {});
        await writeFile(join(dirname(backup), '.lock'), JSON.stringify(record));
      },
      says: /nothing but backups/,
    },
    {
      title: 'a manifest alone',
      plant: () => copyFile(manifest(), join(dirname(backup), 'manual_2001-01-01_00-00-00.json')),
      says: /nothing but backups/,
    },
    {
      title: 'a draft of a job',
      plant: () => writeFile(join(jobs(), 'bcdfghjk.json.new'), ''),
      says: /among the jobs/,
    },
    { title: 'a temporary file', plant: () => mkdir(join(site.tmp, 'dbbackup-x')), says: /TMPDIR/ },
    {
      title: 'a scratch schema',
      plant: async () => {
        const [id = ''] = (await readdir(jobs())).map((name) => name.split('.')[0]);
        await server.sql(`CREATE DATABASE dbbackup_old_${id};`); // a stage alone would be removed by others
      },
      says: /no scratch schema/,
    },
    {
      title: 'a job that runs, for all that is told',
      plant: async () => {
        const [name = ''] = (await readdir(jobs())).filter((each) => each.endsWith('.json'));
        const job = JSON.parse(await readFile(join(jobs(), name), 'utf8')) as Job;
        const { process } = await lockRecord(site.database, {});
        await writeFile(join(jobs(), name), JSON.stringify({ ...job, state: 'running', process }));
      },
      says: /nothing that runs/,
    },
    {
      title: 'the password in a file',
      plant: () => writeFile(join(jobs(), 'bcdfghjk.log'), `it is ${site.marker}`),
      says: /no file holds the password/,
    },
    {
      title: 'the password in what was said',
      plant: async () => {
        await site.run(['list', '--dir', join(site.folder, site.marker)]);
      },
      says: /nothing that was said/,
    },
  ])('see $title', async ({ plant, says }) => {
    await plant();
    try {
      await expect(expectNothingLeft(site)).rejects.toThrow(says);
    } finally {
      const left = await server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_old\_%'`);
      const ids = (await readdir(jobs())).map((name) => name.split('.')[0] ?? '');
      for (const name of left.split('\n'))
        if (ids.some((id) => name !== '' && name.endsWith(id)))
          await server.sql(`DROP DATABASE IF EXISTS ${name};`);
    }
  });

  test('see a process that goes on', async () => {
    const child = spawn('sleep', ['60'], { cwd: site.folder });
    await expect(expectNothingLeft(site, { patienceMs: 300 })).rejects.toThrow(
      /Waited .* for the end of \d+ sleep 60/,
    );
    child.kill();
  });

  test('see a lock on the server', async () => {
    const session = spawn(server.client, [...server.clientOptions, '--unbuffered'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const held = new Promise((resolve) => session.stdout.once('data', resolve));
    session.stdin.write(`SELECT GET_LOCK('dbbackup:${site.database}', 0);\n`);
    await held;
    await expect(expectNothingLeft(site, { patienceMs: 300 })).rejects.toThrow(
      /the lock on the server to be free/,
    );
    session.stdin.end();
  });

  test.each([
    {
      title: 'a bug',
      end: { exitCode: 1, signal: undefined, stdout: '', stderr: 'This is a bug in dbbackup' },
    },
    { title: 'a code that no table has', end: { exitCode: 99, signal: undefined, stdout: '', stderr: '' } },
    { title: 'a crash', end: { exitCode: undefined, signal: 'SIGSEGV', stdout: '', stderr: '' } },
  ])('see $title', ({ end }) => {
    expect(() => expectDocumentedEnd(end)).toThrow(/bug|not documented|ended by/);
    expect(() => expectSecret(site)).not.toThrow();
  });
});
