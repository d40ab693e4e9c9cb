import { expect, test } from 'vitest';
import { settleLateWrites } from '../../../../src/restore/late/settle-late-writes.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

const SAFETY = {
  path: '/b/shop/pre-restore.sql.gz',
  renewed: { name: 'pre-restore', at: '2026-11-22T03:00:00Z' },
};

const SETTLING = {
  connection: {} as Connection,
  ...{ directory: '/b', job: 'bcdf2345', database: 'shop' },
  swap: {
    step: 'saving',
    ...{ stage: 'dbbackup_stage_bcdf2345', old: 'dbbackup_old_bcdf2345' },
    resumeCommand: 'dbbackup restore --resume bcdf2345',
    safety: SAFETY,
  },
} as const;

// What is interrupted may tell it in its own words: as an aborted connection, a dump tool that was killed, a file.
test.each([
  new DOMException('This operation was aborted', 'AbortError'),
  new DbBackupError('dump-failed', 'x'),
])('is cancelled by what has cancelled it, whatever failed by that: %s', async (failure) => {
  const signal = AbortSignal.abort(new DbBackupError('terminated', 'Cancelled by SIGTERM.'));
  const settled = await settleLateWrites(SETTLING, () => Promise.reject(failure), quietRuntime({ signal }));

  expect(settled).toMatchObject({
    outcome: 'kept',
    error: {
      code: 'terminated',
      message: expect.stringMatching(
        /^Cancelled by SIGTERM\. shop is restored\. .* are kept in dbbackup_old_bcdf2345\.$/,
      ) as string,
      hint: expect.stringMatching(/ To save it:\ndbbackup restore --resume bcdf2345$/) as string,
    },
  });
});

test('where there is no safety backup, nothing is told of late writes', async () => {
  const swap = { ...SETTLING.swap, safety: undefined };
  const full = new DbBackupError('no-space', 'The disk is full.');
  const settled = await settleLateWrites({ ...SETTLING, swap }, () => Promise.reject(full), quietRuntime());

  expect(settled).toMatchObject({
    outcome: 'kept',
    error: {
      code: 'no-space',
      message:
        'shop is restored, but dbbackup_old_bcdf2345 could not be settled yet; the next create or restore does it. The disk is full.',
      hint: 'Or now:\ndbbackup restore --resume bcdf2345',
    },
  });
});
