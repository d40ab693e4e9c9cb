import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { backUp } from '../../harness/backup.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { databaseToBeMade, freshDatabase, unusedName } from '../../harness/database.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { codeBlocks, pageNamed } from '../../harness/pages.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { unpack } from '../../harness/packed.ts';
import { withoutOthers } from '../../harness/warnings-of-others.ts';
import { workspace } from '../../harness/workspace.ts';

/** What the page shows: the shortest use, all of it, and what needs no server. */
const SHOWN = codeBlocks(pageNamed('docs/library.md')).map(({ code }) => code);

/** What is left out is what a stranger leaves out. */
const DEFAULTS = `
import {
  createBackup, doctor, listBackups, processRuntime, readJob, readStatus, resolveSettings, restoreBackup,
  verifyBackup, verifyBackups,
} from 'dbbackup';
import type { CreateRequest, DoctorRequest, RestoreRequest, Runtime, Verification } from 'dbbackup';

const directory = 'backups';
const { connection } = await resolveSettings({ port: 3306 });
const request: CreateRequest = { connection, directory, database: 'shop', skip: { events: true } };
const { path, manifest } = await createBackup(request);
const again: RestoreRequest = { connection, directory, reference: path, confirm: ({ target }) => { console.log(target); } };
const { job, undoCommand } = await restoreBackup(again);
const [newest] = await listBackups({ directory });
const { databases } = await readStatus({ directory });
const { log } = await readJob({ directory, id: job });
const { backup, findings } = await verifyBackup({ directory, reference: 'shop/latest' });
const all: readonly Verification[] = await verifyBackups({ directory, rehearsal: { connection } });
const asked: DoctorRequest = { connection, directory, compression: undefined };
const problems = (await doctor(asked)).filter(({ level }) => level === 'problem');
const runtime: Runtime = processRuntime();
console.log(manifest.tables, undoCommand?.length, newest?.state, databases, log, backup, findings, all, problems, runtime);
`;

const REFUSED = [
  { asks: "createBackup({ ...where, database: 'mysql' })", says: 'mysql is a system schema' },
  { asks: 'createBackup(where)', says: 'No database given.' },
  { asks: "createBackup({ ...where, database: '' })", says: 'database is empty.' },
  { asks: "createBackup({ directory: 'x', database: 'x' })", says: '`connection` is missing' },
  { asks: "createBackup({ connection: 'mysql://db/x', directory: 'x' })", says: '`connection` is missing' },
  { asks: "createBackup({ ...where, directory: '' })", says: '`directory` is missing or empty.' },
  { asks: "listBackups({ database: 'x' })", says: '`directory` is missing or empty.' },
  { asks: "resolveSettings({ hots: 'db' })", says: 'resolveSettings() knows no setting "hots".' },
  { asks: "createBackup({ ...where, database: 'x', label: '../x' })", says: 'label is "../x"; it takes' },
  {
    asks: "createBackup({ ...where, database: 'x', label: 'pre-restore' })",
    says: 'label is "pre-restore"',
  },
  {
    asks: "createBackup({ ...where, database: 'x', compression: 'gzip:0' })",
    says: 'compression is "gzip:0"',
  },
  {
    asks: "createBackup({ ...where, database: 'x', compression: { method: 'gzip', level: 10 } })",
    says: 'compression is "gzip:10"',
  },
  { asks: "restoreBackup({ ...where, reference: 'x', tables: [] })", says: 'tables is empty.' },
  { asks: "restoreBackup({ ...where, reference: 'x', connections: 0 })", says: 'connections is "0"' },
];

let project = '';
beforeAll(async () => {
  const folder = await unpack();
  project = join(folder, 'project');
  await mkdir(join(project, 'node_modules'), { recursive: true });
  await symlink(join(folder, 'package'), join(project, 'node_modules/dbbackup'));
  await symlink(join(REPOSITORY, 'node_modules/@types'), join(project, 'node_modules/@types'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  return () => rm(folder, { recursive: true });
});

describe('the packed library', () => {
  test('compiles in a strict project, as it is shown and with what is left out', async () => {
    expect(SHOWN.length).toBeGreaterThan(2);
    for (const [index, code] of SHOWN.entries()) await writeFile(join(project, `shown-${index}.ts`), code);
    await writeFile(join(project, 'defaults.ts'), DEFAULTS);
    const compilerOptions = {
      ...{ module: 'NodeNext', target: 'es2022', types: ['node'], noEmit: true },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));

    const { all } = await execa(join(REPOSITORY, 'node_modules/.bin/tsc'), ['-p', project], {
      reject: false,
      all: true,
    });

    expect(all).toBe('');
  });
});

describeOneServer('the packed library', (server) => {
  test('does what its documentation shows', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    const copy = databaseToBeMade(server, `${database}_test`);
    const { backups } = await workspace();
    const printed: string[] = [];

    for (const shown of SHOWN) {
      const code = shown
        .replaceAll("'shop'", `'${database}'`)
        .replaceAll("'shop_test'", `'${copy}'`)
        .replaceAll("'/var/backups/mysql'", JSON.stringify(backups))
        .replaceAll("'root'", JSON.stringify(server.user));
      const { exitCode, stdout, stderr } = await runs(server, code);
      expect({ exitCode, stderr: withoutOthers(stderr) }, shown).toEqual({ exitCode: 0, stderr: '' });
      printed.push(stdout);
    }

    const nightly = `${backups}/${database}/nightly_[-_\\d]+\\.sql\\.gz`;
    expect(printed).toEqual([
      expect.stringMatching(`^npx dbbackup undo \\w+ --confirm ${database} `),
      expect.stringMatching(`^${nightly} 1\n${copy} undefined$`),
      expect.stringMatching(`^${nightly} complete$`),
    ]);
    expect(await server.sql('SHOW TABLES', copy)).toBe('t');
  });

  test('has the defaults of the command line, and an undo command that reaches the same server', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    const { backups } = await workspace();

    const { exitCode, stdout, stderr } = await runs(
      server,
      `
      import { createBackup, resolveSettings, restoreBackup } from 'dbbackup';
      const { connection } = await resolveSettings();
      const where = { connection, directory: 'backups' };
      const { path, manifest } = await createBackup({ ...where, database: '${database}' });
      const { undoCommand, safetyBackup } = await restoreBackup({ ...where, reference: path, confirm: '${database}' });
      const plain = await restoreBackup({ ...where, reference: path, confirm: '${database}', safetyCompression: 'none' });
      const stays = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT') + process.listenerCount('SIGHUP');
      const gc = (await import('node:vm')).runInNewContext('typeof gc');
      console.log(JSON.stringify({ path, options: manifest.options, undoCommand, safety: safetyBackup.path, plain: plain.safetyBackup.path, stays, gc }));
      `,
    );

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(told).toMatchObject({
      path: expect.stringMatching(new RegExp(`^${backups}/${database}/manual_.*\\.sql\\.gz$`)),
      options: { compress: 'gzip:6', routines: true, triggers: true, events: true },
      safety: expect.stringMatching(/\/pre-restore_.*\.sql\.zst$/),
      plain: expect.stringMatching(/\/pre-restore_.*\.sql$/),
      ...{ stays: 0, gc: 'undefined' },
    });
    expect(told['undoCommand']).toMatch(
      new RegExp(
        `^npx dbbackup undo \\w+ --confirm ${database} --dir ${backups} --host ${server.host} --port ${server.port} --user ${server.user}`,
      ),
    );
  });

  test.each([
    {
      title: 'without a word',
      confirm: '',
      says: /^Restoring replaces what (\S+) holds, and that was not confirmed/,
    },
    {
      title: 'for another name',
      confirm: ", confirm: 'another'",
      says: /^`confirm` names "another", but the restore/,
    },
  ])('replaces nothing $title', async ({ confirm, says }) => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    await backUp(server, database);

    const { stdout } = await runs(
      server,
      `
      import { resolveSettings, restoreBackup } from 'dbbackup';
      const { connection } = await resolveSettings();
      await restoreBackup({ connection, directory: 'backups', reference: '${database}/latest'${confirm} })
        .catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));
      `,
    );

    expect(JSON.parse(stdout)).toEqual({
      code: 'not-confirmed',
      message: expect.stringMatching(says),
      hint: `If ${database} may be replaced, pass it as \`confirm\` to restoreBackup().`,
    });
  });

  test('takes what the program throws when it is asked as its no', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    await backUp(server, database);

    const { stdout } = await runs(
      server,
      `
      import { readStatus, resolveSettings, restoreBackup } from 'dbbackup';
      const { connection } = await resolveSettings();
      const confirm = () => { throw new RangeError('not on a Friday'); };
      await restoreBackup({ connection, directory: 'backups', reference: '${database}/latest', confirm })
        .catch(({ code, message, cause }) => console.log(code, message, cause.name));
      const { jobs } = await readStatus({ directory: 'backups' });
      console.log(jobs[0].error.code);
      `,
    );

    expect(stdout).toBe(
      `not-confirmed The calling program did not confirm the restore into ${database}. Nothing was touched. RangeError\nnot-confirmed`,
    );
  });

  test('refuses as the command line would', async () => {
    const { stdout } = await runs(
      server,
      `
      import { createBackup, listBackups, resolveSettings, restoreBackup } from 'dbbackup';
      const where = { connection: (await resolveSettings()).connection, directory: '${unusedName()}' };
      const told = ({ code, message }) => code + ' ' + message;
      const answers = [];
      ${REFUSED.map(({ asks }) => `answers.push(await ${asks}.then(() => 'not refused', told));`).join('\n')}
      console.log(JSON.stringify(answers));
      `,
    );

    const answers = JSON.parse(stdout) as readonly string[];
    expect(answers).toHaveLength(REFUSED.length);
    for (const [index, { asks, says }] of REFUSED.entries())
      expect(answers[index], asks).toContain(`usage ${says}`);
  });

  /** Runs a module of a program that has dbbackup among its dependencies. */
  async function runs(
    server: TestServer,
    code: string,
  ): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }> {
    const { folder, tmp } = await workspace();
    const module = join(project, `${unusedName('run')}.mjs`);
    await writeFile(module, code);
    const { exitCode, stdout, stderr } = await execa(process.execPath, [module], {
      cwd: folder,
      env: { ...server.environment, HOME: folder, TMPDIR: tmp },
      extendEnv: false,
      reject: false,
    });
    return { exitCode, stdout, stderr };
  }
});
