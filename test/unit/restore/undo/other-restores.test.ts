import { expect, test } from 'vitest';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { laterRestores } from '../../../../src/restore/undo/other-restores.ts';
import { someJob } from '../../jobs/some-jobs.ts';

const restore = (id: string, hour: number, changes: Partial<Job> = {}): Job =>
  someJob({
    ...{ id, operation: 'restore', state: 'succeeded' },
    startedAt: `2026-11-11T0${hour}:00:00.000Z`,
    finishedAt: `2026-11-11T0${hour}:00:09.000Z`,
    ...changes,
  });

const A = restore('a', 1);

function later(of: Job, ...jobs: readonly Job[]): readonly string[] {
  const newestFirst = [of, ...jobs].reverse();
  const found = newestFirst.map((job) => ({ job, directory: '/b' }));
  return laterRestores(of, found).map(({ job }) => job);
}

test('of the same database that have changed it count as later ones, oldest first', () => {
  const others = [
    restore('failed', 2, { state: 'failed', error: { code: 'restore-failed', message: 'x' } }),
    restore('b', 3),
    restore('elsewhere', 4, { database: 'other' }),
    someJob({ id: 'create', state: 'succeeded', startedAt: '2026-11-11T05:00:00.000Z' }),
    restore('c', 6, { state: 'running', settled: 'completed', finishedAt: undefined }),
  ];
  expect(later(A, ...others)).toEqual(['b', 'c']);
  expect(later(restore('last', 9), A, ...others)).toEqual([]);
});

test('one that waited for the other came after it', () => {
  expect(later(A, restore('waited', 1, { startedAt: '2026-11-11T00:30:00.000Z' }))).toEqual([]);
  expect(later(A, restore('waited', 2, { startedAt: '2026-11-11T00:30:00.000Z' })), 'ended after it').toEqual(
    ['waited'],
  );
});

test('one that was undone since leaves no trace, one that was redone does, an undo of an earlier one does', () => {
  const [b, undo, redo] = [
    restore('b', 2),
    restore('undo', 3, { undoes: 'b' }),
    restore('redo', 4, { undoes: 'undo' }),
  ];
  expect(later(A, b, undo)).toEqual([]);
  expect(later(A, b, undo, redo)).toEqual(['b']);
  expect(later(b, restore('undo', 5, { undoes: 'a' }))).toEqual(['undo']);
});
