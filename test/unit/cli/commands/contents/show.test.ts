import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../../../../src/cli/main.ts';
import { temporaryFolder } from '../../../../harness/workspace.ts';
import { NAME, putBackup, putFile } from '../../../backups/planted-files.ts';
import { someJob } from '../../../jobs/some-jobs.ts';
import { someManifest } from '../../render/some-backups.ts';
import { fakeContext } from '../../process/fake-context.ts';

async function shown(directory: string, ...args: readonly string[]) {
  const context = fakeContext({ userId: process.geteuid?.() ?? 0 });
  const exitCode = await main(['show', '--dir', directory, ...args], context);
  return { exitCode, ...context.written };
}

const LABEL = 'nightly';

/** A backup with something of everything. */
async function richBackup(): Promise<string> {
  const directory = await temporaryFolder();
  const fileName = `${NAME}.sql.gz`;
  const manifest = someManifest({
    ...{ name: NAME, label: LABEL, startedAt: '2026-11-22T00:00:00Z' },
    file: { ...someManifest().file, name: fileName, sizeBytes: 4, sha256: 'ab'.repeat(32) },
    tables: [
      { name: 'a', engine: 'InnoDB', uncompressedBytes: 10, offsetBytes: 0 },
      { name: 'evil\u001b[31m\nname', engine: 'MyISAM', uncompressedBytes: 3_000_000, offsetBytes: 1 },
      { name: 'b', engine: 'InnoDB', uncompressedBytes: 10, offsetBytes: 2 },
    ],
    counts: { views: 1, routines: 1, triggers: 0, events: 0 },
    programs: { 'view turnover': 'x', 'procedure add_order': 'y' },
    options: { compress: 'gzip:6', routines: true, triggers: true, events: false },
    warnings: ['the engine MyISAM has no transactions'],
    skippedBroken: [{ kind: 'view', name: 'dead', reason: 'its table is gone' }],
    inexactColumns: [{ table: 'a', column: 'f' }],
    rehearsal: {
      ...{ at: '2026-11-22T01:00:00Z', job: 'x', durationMs: 2000, ok: true, tables: 3, rows: 12_000 },
      server: { flavour: 'mariadb', version: '11.8.2' },
    },
  });
  putFile(directory, 'shop', `${NAME}.json`, JSON.stringify(manifest));
  putFile(directory, 'shop', fileName, 'gzip');
  return directory;
}

test('shows all that a manifest tells, the largest table first', async () => {
  const directory = await richBackup();
  const { exitCode, stdout, stderr } = await shown(directory, 'shop/latest');

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe(`shop/${NAME}
  state      complete
  database   shop
  made       2026-11-22 00:00:00 UTC, 3 h ago, in 3 s
  file       ${directory}/shop/${NAME}.sql.gz
  size       4 B, 8.8 MB of SQL, gzip:6
  sha256     ${'ab'.repeat(32)}
  server     MariaDB 10.11.19 on a socket
  made by    dbbackup 1.2.3 with mariadb-dump 10.11.19, job 7f3a
  defaults   utf8mb4, utf8mb4_general_ci
  rehearsal  passed 2026-11-22 01:00:00 UTC, 2 h ago, on MariaDB 11.8.2: 3 tables, 12,000 rows in 2 s
  left out   events
  left out   view dead: its table is gone
  rounded    a.f
  warning    the engine MyISAM has no transactions

3 tables
  TABLE                SQL  ENGINE
  evil\\x1b[31m\\nname  3 MB  MyISAM
  a                   10 B  InnoDB
  b                   10 B  InnoDB

2 stored objects
  procedure add_order
  view turnover
`);
});

test('says in the first line that a complete backup failed verify, and why', async () => {
  const directory = await richBackup();
  const path = `${directory}/shop/${NAME}.json`;
  const verification = { at: '2026-11-22T02:00:00.000Z', ok: false, problem: 'It is cut off.' };
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...manifest, verification }));

  const { stdout } = await shown(directory, 'shop/latest');
  expect(stdout).toContain('  state      complete, failed verify 1 h ago\n');
  expect(stdout).toContain('  verified   failed 2026-11-22 02:00:00 UTC, 1 h ago: It is cut off.\n');
  const json = await shown(directory, 'shop/latest', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ backup: { state: 'complete', verification } });
});

test('gives the manifest as a document, with its place and state', async () => {
  const directory = await richBackup();
  const { stdout } = await shown(directory, 'nothing-else', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'dbbackup/error/1', exitCode: 10 });

  const document = JSON.parse((await shown(directory, NAME, '--json')).stdout) as { backup: object };
  expect(document).toMatchObject({
    schema: 'dbbackup/show/1',
    ok: true,
    backup: {
      path: join(directory, 'shop', `${NAME}.sql.gz`),
      ...{ state: 'complete', database: 'shop', label: LABEL, compression: 'gzip', sizeBytes: 4 },
      tables: [{ name: 'a', uncompressedBytes: 10 }, {}, {}],
      ...{ programs: { 'view turnover': 'x' }, rehearsal: { ok: true }, options: { events: false } },
    },
  });
  expect(document.backup).not.toHaveProperty('schema');
});

test('says of a file without a manifest what its first lines name, and how to learn more', async () => {
  const directory = await temporaryFolder();
  const path = putFile(directory, 'elsewhere', 'dump.sql', '-- MySQL dump\n-- Host: h    Database: crm\n');
  const elsewhere = join(await temporaryFolder(), 'dump.sql');
  writeFileSync(elsewhere, '-- MySQL dump\n-- Host: h    Database: crm\n');

  const { exitCode, stdout } = await shown(directory, 'elsewhere/dump.sql');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('  state       unverified\n');
  expect(stdout).toContain('  holds       unknown: it has no manifest, so all of the file has to be read\n');
  expect(stdout).toContain(`  to read it  dbbackup verify ${path} --dir ${directory}\n`);

  expect((await shown(directory, elsewhere)).stdout).toContain('  database    crm\n');
  expect(JSON.parse((await shown(directory, elsewhere, '--json')).stdout)).toMatchObject({
    namedDatabase: 'crm',
    backup: { state: 'unverified' },
  });
});

test('says what is wrong with a manifest', async () => {
  const directory = await temporaryFolder();
  putBackup(directory, 'shop', { sizeBytes: 5 });
  putFile(directory, 'crm', `${NAME}.sql`, 'x');
  putFile(directory, 'crm', `${NAME}.json`, '{');

  const unfit = await shown(directory, 'shop/latest');
  expect(unfit.exitCode).toBe(0);
  expect(unfit.stdout).toContain('damaged: it has 4 bytes, but its manifest says 5\n');
  const broken = await shown(directory, 'crm/latest');
  expect(broken.stdout).toContain('damaged: its manifest is not JSON\n');
  expect(broken.stdout).toContain('unknown: its manifest cannot be used\n');
  expect(JSON.parse((await shown(directory, 'crm/latest', '--json')).stdout)).toMatchObject({
    ok: true,
    backup: { state: 'damaged', problem: 'its manifest is not JSON' },
  });
});

test('says of a safety backup how to undo its restore, and of which tables are kept', async () => {
  const directory = await temporaryFolder();
  const path = putBackup(directory, 'shop', {
    name: 'pre-restore_2026-11-22_00-00-00',
    label: 'pre-restore',
  });
  mkdirSync(join(directory, '.jobs'));
  const job = someJob({
    ...{ id: '7f3a', operation: 'restore', state: 'succeeded', finishedAt: '2026-11-22T03:00:00.000Z' },
    result: { name: 'x', path: '/x', sizeBytes: 1, safetyBackup: path, undoCommand: 'dbbackup undo 7f3a' },
    kept: { until: '2026-11-23T00:00:00Z', forMs: 86_400_000, sizeBytes: 1_000_000 },
  });
  writeFileSync(join(directory, '.jobs', '7f3a.json'), JSON.stringify(job), { mode: 0o600 });

  const { stdout } = await shown(directory, 'pre-restore');
  expect(stdout).toContain('  safety backup  of what the restore 7f3a replaced\n');
  expect(stdout).toContain('  kept           shop: its tables before the restore 7f3a (1 MB');
  expect(stdout).toContain('  to undo it     dbbackup undo 7f3a\n');
  expect(JSON.parse((await shown(directory, 'pre-restore', '--json')).stdout)).toMatchObject({
    safetyOf: { job: '7f3a', undoCommand: 'dbbackup undo 7f3a', kept: { sizeBytes: 1_000_000 } },
  });
});

test('shows a thousand tables', async () => {
  const directory = await temporaryFolder();
  const tables = Array.from({ length: 1000 }, (_, n) => ({
    ...{ name: `t${n}`, engine: 'InnoDB', uncompressedBytes: n, offsetBytes: n },
  }));
  const file = { ...someManifest().file, name: `${NAME}.sql.gz`, sizeBytes: 4, sha256: 'ab'.repeat(32) };
  putFile(directory, 'shop', `${NAME}.json`, JSON.stringify(someManifest({ name: NAME, file, tables })));
  putFile(directory, 'shop', `${NAME}.sql.gz`, 'gzip');

  const { stdout } = await shown(directory, 'shop/latest');
  const lines = stdout.split('\n').filter((line) => /^ {2}t\d/.test(line));
  expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(tables.map(({ name }) => name).reverse());
});

test('wants a backup', async () => {
  const context = fakeContext();
  expect(await main(['show'], context)).toBe(2);
  expect(await main(['show', ''], context)).toBe(2);
});
