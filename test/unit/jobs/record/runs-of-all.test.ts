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

  test('one with another label does not, nor one that was cancelled', () => {
    expect(failed(made('weekly', { label: 'weekly' }), down('a'))).toEqual(['a']);
    expect(failed(down('stopped', { state: 'cancelled' }), down('a'))).toEqual(['a']);
  });

  test('each label and each server has its own', () => {
    expect(failed(down('b', { label: 'weekly' }), down('a'))).toEqual(['b', 'a']);
    const [a, b] = [{ server: 'a:3306' }, { server: 'b:3306' }];
    const before = made('blog', { ...b, database: 'blog' });

    expect(failed(down('b', b), down('a', a))).toEqual(['b', 'a']);
    expect(failed(made('shop', a), down('b', b), before)).toEqual(['b']);
    expect(failed(made('since', b), down('b', b), before)).toEqual([]);
  });
});

describe('runs for single databases', () => {
  const named = (id: string, database: string, changes: Partial<Job> = {}) =>
    made(id, { database, allDatabases: undefined, ...changes });
  const before = [made('old', { database: 'blog' }), made('old2', { database: 'shop' })];

  test('make up for one when each database that such runs backed up has a success since', () => {
    expect(failed(named('b', 'shop'), down('a'), ...before)).toEqual(['a']);
    expect(failed(named('c', 'blog'), named('b', 'shop'), down('a'), ...before)).toEqual([]);
    expect(failed(named('c', 'blog', { state: 'failed' }), named('b', 'shop'), down('a'), ...before)).toEqual(
      ['a'],
    );
    expect(failed(down('a'), named('c', 'blog'), named('b', 'shop'), ...before)).toEqual(['a']);
  });

  test('where none is known, any success does, but of the same label', () => {
    expect(failed(named('b', 'shop'), down('a'))).toEqual([]);
    expect(failed(named('b', 'shop', { state: 'failed' }), down('a'))).toEqual(['a']);
    expect(failed(named('b', 'shop', { label: 'weekly' }), down('a'))).toEqual(['a']);
    expect(failed(named('b', 'shop', { operation: 'restore' }), down('a'))).toEqual(['a']);
  });
});
