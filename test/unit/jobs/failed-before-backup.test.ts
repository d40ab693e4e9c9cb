import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJobFile } from '../../../src/jobs/record/job-files.ts';
import { identifyProcess } from '../../../src/locks/processes.ts';
import { failedBeforeBackup } from '../../../src/jobs/failed-before-backup.ts';
import type { Job } from '../../../src/jobs/record/job.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { GONE, someJob } from './some-jobs.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

const SAFETY = { operation: 'restore', phase: 'safety-backup' } as const;
/** As release 0.1.0 wrote it. */
const OLD_SAFETY = { operation: 'restore', step: 'Creating the safety backup of shop...' } as const;

test.each<{ what: string; changes: Partial<Job>; failed: boolean }>([
  { what: 'a create that failed', changes: { state: 'failed' }, failed: true },
  { what: 'a create that was cancelled', changes: { state: 'cancelled' }, failed: true },
  { what: 'a create that was killed', changes: {}, failed: true },
  { what: 'a create that succeeded', changes: { state: 'succeeded' }, failed: false },
  {
    what: 'a create whose process cannot be seen',
    changes: { process: { ...GONE, host: 'other' } },
    failed: false,
  },
  { what: 'a restore that was killed in its safety backup', changes: SAFETY, failed: true },
  { what: 'one of release 0.1.0 that was', changes: OLD_SAFETY, failed: true },
  {
    what: 'a restore that failed behind its safety backup',
    changes: { operation: 'restore', state: 'failed', step: 'Loading...' },
    failed: false,
  },
])('$what: $failed', async ({ changes, failed }) => {
  const directory = await temporaryFolder();
  await openJobFile(directory, someJob(changes));

  expect(await failedBeforeBackup('bcdf2345', directory, quietRuntime())).toBe(failed);
});

test('nothing is proven of a job that runs, is unknown, or cannot be read', async () => {
  const directory = await temporaryFolder();
  const runtime = quietRuntime();
  const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  await openJobFile(directory, someJob({ process: self }));
  writeFileSync(join(directory, '.jobs', 'cccc2222.json'), '{');

  for (const id of ['bcdf2345', 'cccc2222', 'dddd2222', '../shop/x'])
    expect(await failedBeforeBackup(id, directory, runtime)).toBe(false);
});
