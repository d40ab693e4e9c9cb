import { describe, expect, test } from 'vitest';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { failedRunsOfAll } from '../../../../src/jobs/record/runs-of-all.ts';
import { someJob } from '../some-jobs.ts';

const down = (id: string, changes: Partial<Job> = {}) =>
  someJob({ id, database: '', allDatabases: true, label: 'nightly', state: 'failed', ...changes });
const made = (id: string, changes: Partial<Job> = {}) =>
  someJob({ id, allDatabases: true, label: 'nightly', state: 'succeeded', ...changes });

const failed = (...jobs: readonly Job[]) => failedRunsOfAll(jobs).map(({ id }) => id);

describe('runs over all databases that did not come to know which there are', () => {
  test('the last one counts', () => {
    expect(failed(down('b'), down('a'), made('old'))).toEqual(['b']);
  });

  test('one that came further answers it, whatever became of it', () => {
    expect(failed(made('since'), down('a'))).toEqual([]);
    expect(failed(made('since', { state: 'failed' }), down('a'))).toEqual([]);
    expect(failed(made('since', { state: 'running' }), down('a'))).toEqual([]);
  });

  test('one of a single database does not, nor one with another label, nor one that was cancelled', () => {
    expect(failed(made('named', { allDatabases: undefined }), down('a'))).toEqual(['a']);
    expect(failed(made('weekly', { label: 'weekly' }), down('a'))).toEqual(['a']);
    expect(failed(down('stopped', { state: 'cancelled' }), down('a'))).toEqual(['a']);
  });

  test('each label has its own', () => {
    expect(failed(down('b', { label: 'weekly' }), down('a'))).toEqual(['b', 'a']);
  });
});
