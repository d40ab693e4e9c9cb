import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { standInPath } from '../../../../src/backups/directory/stand-in-directory.ts';
import { readHistory } from '../../../../src/health/history/read-history.ts';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup } from '../../backups/planted-files.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

test('what has backups and is not checked is excluded by a pattern, or unseen', async () => {
  const directory = await temporaryFolder();
  for (const database of ['shop', 'old_1', 'old_2', 'crm']) putBackup(directory, database);

  const history = await readHistory(
    { directory, databases: [], onServer: { databases: ['shop', 'old_1', 'new'], excludes: ['old*'] } },
    quietRuntime(),
  );

  expect(history.databases.map(({ database }) => database)).toEqual(['shop', 'new']);
  expect(history).toMatchObject({ excluded: ['old_1', 'old_2'], unseen: ['crm'] });
});

test('a restore is told of though its database is not on the server', async () => {
  const directory = await temporaryFolder();
  const left = { operation: 'restore', state: 'interrupted' } as const;
  for (const database of ['shop', 'gone'])
    await openJobFile(directory, someJob({ id: `job${database}`, database, ...left }));
  const jobsOf = async (request: { databases: string[]; onServer?: { databases: string[]; excludes: [] } }) =>
    (await readHistory({ directory, ...request }, quietRuntime())).jobs.map(({ database }) => database);

  expect(await jobsOf({ databases: [], onServer: { databases: ['shop'], excludes: [] } })).toEqual([
    'shop',
    'gone',
  ]);
  expect(await jobsOf({ databases: ['gone'] })).toEqual(['gone']);
});

test('a job of a run that could only read the backup directory is told with where it is kept', async () => {
  const directory = await temporaryFolder();
  const env = { XDG_STATE_HOME: await temporaryFolder() };
  const standIn = standInPath(directory, { env, homeDirectory: undefined })!;
  mkdirSync(standIn, { recursive: true });
  await openJobFile(directory, someJob({ id: 'bbbb2222' }));
  await openJobFile(standIn, someJob({ id: 'cccc2222' }));

  const { jobs, elsewhere } = await readHistory({ directory, databases: [] }, quietRuntime({ env }));

  expect(jobs.map(({ id }) => id).sort()).toEqual(['bbbb2222', 'cccc2222']);
  expect([...elsewhere]).toEqual([['cccc2222', standIn]]);
});

test('with a label there are only backups and runs of it', async () => {
  const directory = await temporaryFolder();
  putBackup(directory, 'shop');
  putBackup(directory, 'shop', { name: 'weekly_2026-11-22_03-00-00', label: 'weekly' });
  putBackup(directory, 'crm');
  for (const label of ['manual', 'weekly'])
    await openJobFile(directory, someJob({ id: `job${label}`, label, state: 'failed' }));

  const { databases, label } = await readHistory(
    { directory, databases: [], label: 'weekly' },
    quietRuntime(),
  );

  expect(label).toBe('weekly');
  expect(databases).toMatchObject([
    { database: 'shop', backups: [{ label: 'weekly' }], creates: [{ label: 'weekly' }] },
  ]);
});

test('free space that the system does not say is kept as unknown', async () => {
  const directory = '/nonexistent/folder/backups';
  const { spaces } = await readHistory({ directory, databases: ['shop'] }, quietRuntime());

  expect(spaces).toEqual([{ path: directory, freeBytes: undefined, noFiles: false, databases: ['shop'] }]);
});
