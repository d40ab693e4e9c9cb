import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openJobFile } from '../../../src/jobs/record/job-files.ts';
import type { Job } from '../../../src/jobs/record/job.ts';
import { restoresThatNeed } from '../../../src/prune/restores-that-need.ts';
import { aBackup } from '../../fixtures/histories.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { GONE, someJob } from '../jobs/some-jobs.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

const ID = 'bcdfghjk';
let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

/** Why the restore that made a safety backup needs it. */
async function whyNeeded(): Promise<string | undefined> {
  const backup = aBackup('2026-11-01T03:00:00.000Z', { label: 'pre-restore', manifest: { job: ID } });
  return (await restoresThatNeed([backup], directory, quietRuntime()))(ID);
}

const swap = { step: 'clearing', stage: `dbbackup_stage_${ID}`, old: `dbbackup_old_${ID}` } as const;
const kept = { until: '2026-11-02T03:00:00.000Z', forMs: 1, sizeBytes: 1 };
const replacing = { restoreCommand: 'dbbackup restore' };

test.each<[string, Partial<Job>, string | undefined]>([
  ['is over', { state: 'succeeded' }, undefined],
  ['was killed before it changed anything', { process: GONE }, undefined],
  ['was killed in its swap', { process: GONE, swap }, `and its restore ${ID} is not settled`],
  ['left its target half done', { state: 'failed', replacing }, `and its restore ${ID} is not settled`],
  [
    'keeps the old tables',
    { state: 'succeeded', kept },
    `and what its restore ${ID} replaced is kept on the server`,
  ],
])('one that %s', async (_, changes, reason) => {
  await openJobFile(directory, someJob({ id: ID, operation: 'restore', ...changes }));
  expect(await whyNeeded()).toBe(reason);
});

test('one that is not known any more was over', async () => {
  expect(await whyNeeded()).toBeUndefined();
});

test('one whose record cannot be read', async () => {
  await openJobFile(directory, someJob({ id: ID, operation: 'restore', state: 'succeeded' }));
  writeFileSync(join(directory, '.jobs', `${ID}.json`), 'not JSON');
  expect(await whyNeeded()).toBe(`and the record of its restore ${ID} cannot be read`);
});
