import { describe, expect, test } from 'vitest';
import type { Job } from '../../../../src/jobs/record/job.ts';
import {
  asFarAsTrusted,
  untrustedText,
  wayOutOfUntrusted,
} from '../../../../src/jobs/record/untrusted-job.ts';
import { someJob } from '../some-jobs.ts';

const [SELF, OTHER] = [1000, 54_321];

/** A restore that left all that a later run could act on. */
function planted(): Job {
  return someJob({
    operation: 'restore',
    swap: {
      step: 'clearing',
      stage: 'dbbackup_stage_bcdf2345',
      old: 'dbbackup_old_of6another7',
      returnCommand: 'evil return',
      resumeCommand: 'evil resume',
    },
    replacing: {
      returnCommand: 'evil return',
      restoreCommand: 'evil restore',
      tables: ['a'],
      grants: [{ routine: 'procedure p', user: 'evil', host: '%', privileges: ['EXECUTE'] }],
    },
    result: {
      name: 'manual',
      path: '/b/manual.sql',
      sizeBytes: 4,
      undoCommand: 'evil undo',
      undoSql: 'evil SQL',
    },
    error: { code: 'failed', message: 'It failed.', hint: 'evil hint' },
  });
}

describe('asFarAsTrusted', () => {
  test.each([
    { title: 'our own', ownerId: SELF, mode: 0o600 },
    { title: 'of root', ownerId: 0, mode: 0o640 },
  ])('believes a file that is $title', ({ ownerId, mode }) => {
    expect(asFarAsTrusted(planted(), { ownerId, mode }, SELF)).toEqual(planted());
  });

  test.each([
    { title: 'another user', ownerId: OTHER, mode: 0o600, why: 'owner' },
    { title: 'its group, too', ownerId: SELF, mode: 0o660, why: 'mode' },
    { title: 'everybody', ownerId: SELF, mode: 0o602, why: 'mode' },
    { title: 'everybody, though it is of root', ownerId: 0, mode: 0o666, why: 'mode' },
  ])('keeps no command, no grant and no other schema of one written by $title', ({ ownerId, mode, why }) => {
    const job = asFarAsTrusted(planted(), { ownerId, mode }, SELF);

    expect(job.untrusted).toEqual({ why, ownerId });
    expect(JSON.stringify(job)).not.toContain('evil');
    expect(job.swap).toMatchObject({
      stage: 'dbbackup_stage_bcdf2345',
      old: 'dbbackup_old_bcdf2345',
    });
    expect(job.replacing).toEqual({ tables: ['a'] });
  });

  test('keeps no tables, but remembers that it says so', () => {
    const kept = { until: '2026-11-23T03:00:00Z', forMs: 1, sizeBytes: 1 };
    const job = asFarAsTrusted({ ...planted(), kept }, { ownerId: OTHER, mode: 0o600 }, SELF);

    expect(job.kept).toBeUndefined();
    expect(job.untrusted).toEqual({ why: 'owner', ownerId: OTHER, mayKeep: true });
  });

  test('is not told by the file itself what to believe', () => {
    const untrusted = { why: 'mode', ownerId: SELF } as const;

    expect(asFarAsTrusted(someJob({ untrusted }), { ownerId: SELF, mode: 0o600 }, SELF)).toEqual(someJob());
  });
});

describe('what to do about a job that is not believed', () => {
  const job = planted();

  test('names the owner, and runs as the owner', () => {
    const untrusted = { why: 'owner', ownerId: OTHER } as const;

    expect(untrustedText(job, untrusted, '/b')).toBe('/b/.jobs/bcdf2345.json belongs to 54321');
    expect(wayOutOfUntrusted(job, untrusted, '/b')).toBe(
      'To complete it or roll it back as that user:\nsudo -u 54321 dbbackup restore --resume bcdf2345 --dir /b',
    );
    expect(wayOutOfUntrusted({ ...job, swap: undefined }, untrusted, '/b', 'npx dbbackup')).toBe(
      'To see as that user what helps:\nsudo -u 54321 npx dbbackup status bcdf2345 --dir /b',
    );
  });

  test('closes a file that others may write', () => {
    const untrusted = { why: 'mode', ownerId: SELF } as const;

    expect(untrustedText(job, untrusted, '/b')).toBe('/b/.jobs/bcdf2345.json may be written by other users');
    expect(wayOutOfUntrusted(job, untrusted, '/b c')).toBe(
      "If you know that nobody has changed it:\nchmod go-w '/b c/.jobs/bcdf2345.json'",
    );
  });
});
