import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeMetricsFile } from '../../../../src/health/metrics/write-metrics-file.ts';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import { parseExposition } from '../../../harness/exposition.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup } from '../../backups/planted-files.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

const databasesIn = async (file: string) =>
  new Set(parseExposition(await readFile(file, 'utf8')).map(({ labels }) => labels['database']));

test('of many runs that end at once, none is left out by the last one to write', async () => {
  const folder = await temporaryFolder();
  const [directory, file] = [join(folder, 'backups'), join(folder, 'dbbackup.prom')];
  const names = Array.from({ length: 12 }, (_, index) => `db${index}`);

  await Promise.all(
    names.map(async (database) => {
      putBackup(directory, database);
      await openJobFile(
        directory,
        someJob({ id: `job${database}`, database, state: 'succeeded', label: 'manual' }),
      );
      await writeMetricsFile(file, directory, quietRuntime());
    }),
  );

  expect(await databasesIn(file)).toEqual(new Set(names));
});

test('a directory that nothing was backed up into has no metrics', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'backups'));
  const file = join(folder, 'dbbackup.prom');

  await writeMetricsFile(file, join(folder, 'backups'), quietRuntime());
  expect(await readFile(file, 'utf8')).toBe('');
});
