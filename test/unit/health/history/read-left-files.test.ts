import { chmod } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readLeftFiles } from '../../../../src/health/history/read-left-files.ts';
import { identifyProcess } from '../../../../src/locks/processes.ts';
import type { ProcessIdentity } from '../../../../src/locks/process-identity.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putFile } from '../../backups/planted-files.ts';
import { GONE } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

const record = (process: ProcessIdentity): string =>
  JSON.stringify({
    ...{ schema: 'dbbackup/lock/1', token: 'ab', job: 'bcdf2345', operation: 'create', database: 'shop' },
    ...{ command: 'dbbackup create shop', since: '2026-11-20T03:00:00.000Z', process, children: [] },
  });

const leftBy = async (content: string, mode = 0o600) => {
  const directory = await temporaryFolder();
  const path = putFile(directory, 'shop', '.lock', content);
  await chmod(path, mode);
  return { path, left: await readLeftFiles(directory, 'shop', quietRuntime()) };
};

describe('a lock', () => {
  test('of a process that lives is nothing left, and of one that is gone is', async () => {
    const self = await identifyProcess(process.pid, 'testhost', 'tester');

    expect((await leftBy(record(self))).left).toEqual([]);
    const { path, left } = await leftBy(record(GONE));
    expect(left).toEqual([{ path, kind: 'lock' }]);
  });

  test.each([
    ['on another host', 'db7', 'pid:[1]'],
    ['in another container', 'testhost', 'pid:[2]'],
  ])('of a process %s cannot be checked, and who holds it is told', async (_where, host, pidNamespace) => {
    const self = await identifyProcess(process.pid, 'testhost', 'tester');
    const { path, left } = await leftBy(record({ ...self, host, pidNamespace }));

    expect(left).toMatchObject([
      {
        ...{ path, kind: 'unchecked' },
        holder: {
          message: expect.stringContaining(
            `${path} is the lock of job bcdf2345 (create) on host ${host}, pid ${process.pid}, since`,
          ),
          fix: expect.arrayContaining([
            `Only if that host or container no longer exists, remove ${path}.`,
          ]) as unknown,
        },
      },
    ]);
  });

  test('that nobody can have written is foreign', async () => {
    const { path, left } = await leftBy('x');
    expect(left).toEqual([{ path, kind: 'foreign' }]);
  });
});
