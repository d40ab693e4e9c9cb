import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openJobFile } from '../../../src/jobs/record/job-files.ts';
import { identifyProcess } from '../../../src/locks/processes.ts';
import { examine } from '../../../src/doctor/doctor.ts';
import type { DoctorRequest } from '../../../src/doctor/doctor.ts';
import { examineSpace } from '../../../src/doctor/checks/backup-directory.ts';
import type { Finding } from '../../../src/doctor/finding/finding.ts';
import type { LockRecord } from '../../../src/locks/lock-record.ts';
import type { ProcessIdentity } from '../../../src/locks/process-identity.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putBackup, putFile } from '../backups/planted-files.ts';
import { GONE, someJob } from '../jobs/some-jobs.ts';
import { standInPath } from '../../../src/backups/directory/stand-in-directory.ts';
import { someBackup, someManifest } from '../cli/render/some-backups.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

let directory = '';
beforeEach(async () => {
  directory = join(await temporaryFolder(), 'backups');
  mkdirSync(directory, { mode: 0o700 });
});

/** Without a server, and without a program on the PATH. */
async function examined(
  changes: Partial<DoctorRequest> = {},
  signal = new AbortController().signal,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Finding[]> {
  return examine(
    {
      sameServer: ['--dir', directory],
      connection: {
        endpoint: { kind: 'socket', path: join(directory, 'nobody.sock') },
        user: 'tester',
        password: undefined,
        ssl: { mode: 'PREFERRED' },
        database: undefined,
        sources: {},
      },
      directory,
      databases: [],
      compression: { method: 'gzip', level: 6 },
      nodeVersion: '20.19.2',
      settings: { warnings: [], exposedFiles: [] },
      ...changes,
    },
    quietRuntime({ env: { PATH: directory, ...env }, signal }),
  );
}

async function wrong(changes: Partial<DoctorRequest> = {}): Promise<readonly Finding[]> {
  return (await examined(changes)).filter(
    ({ level, check }) => level !== 'ok' && check !== 'connection' && check !== 'programs',
  );
}

describe('without a server', () => {
  test('the server is a problem, and the rest is looked at all the same', async () => {
    const findings = await examined();

    expect(findings.filter(({ level }) => level === 'problem')).toMatchObject([
      { check: 'programs', message: expect.stringContaining('mariadb-dump and mysqldump are not installed') },
      { check: 'programs', message: expect.stringContaining('mariadb and mysql are not installed') },
      { check: 'connection', message: expect.stringContaining('There is no socket') },
    ]);
    const fine = findings.filter(({ level }) => level === 'ok').map(({ check }) => check);
    expect(fine).toEqual(['node', 'configuration', 'folder', 'space', 'leftovers', 'programs']);
  });

  test('a signal ends it', async () => {
    const reason = new Error('enough');

    await expect(examined({}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('this machine', () => {
  test('a Node.js that is too old is a problem', async () => {
    expect(await wrong({ nodeVersion: '18.20.4' })).toMatchObject([
      { level: 'problem', check: 'node', message: expect.stringContaining('20.19.0 or later') },
    ]);
  });

  test('zstd is missed by those who compress with it, and by their backups', async () => {
    const missed = async (changes: Partial<DoctorRequest>) =>
      (await examined(changes)).find(({ message }) => message.startsWith('zstd is not'));

    expect(await missed({})).toMatchObject({ level: 'ok' });
    expect(await missed({ compression: { method: 'zstd', level: 3 } })).toMatchObject({ level: 'problem' });
    putFile(directory, 'shop', 'old.sql.zst', 'zstd');
    expect(await missed({})).toMatchObject({ level: 'problem', why: 'shop/old is compressed with it.' });
  });

  test('files that give a password away are named with the chmod', async () => {
    const settings = {
      exposedFiles: ['/home/a b/.my.cnf'],
      warnings: [
        { message: 'Other users can read /pw (--password-file).', fix: 'chmod 600 /pw' },
        { message: 'Something else.' },
      ],
    };

    expect(await wrong({ settings })).toEqual([
      {
        level: 'warning',
        check: 'configuration',
        message: 'Other users may read /home/a b/.my.cnf, which contains a password.',
        why: expect.any(String),
        fix: ["chmod 600 '/home/a b/.my.cnf'"],
      },
      {
        level: 'warning',
        check: 'configuration',
        message: 'Other users can read /pw (--password-file).',
        fix: ['chmod 600 /pw'],
      },
      { level: 'warning', check: 'configuration', message: 'Something else.', fix: [] },
    ]);
  });
});

describe('the backup directory', () => {
  test.each([
    [0o755, 'Other users may look into'],
    [0o777, 'Other users may write to'],
  ])('of mode %o is open to others', async (mode, words) => {
    chmodSync(directory, mode);

    expect(await wrong()).toMatchObject([
      {
        level: 'warning',
        check: 'folder',
        message: expect.stringContaining(words),
        fix: [`chmod 700 ${directory}`],
      },
    ]);
  });

  test.each(['.jobs', 'shop'])('that others may enter is looked into: %s', async (name) => {
    chmodSync(directory, 0o711);
    mkdirSync(join(directory, name), { mode: 0o755 });

    expect((await wrong()).map(({ fix }) => fix)).toEqual([
      [`chmod 700 ${directory}`],
      [`chmod 700 ${join(directory, name)}`],
    ]);
  });

  test('that nobody else may enter hides what is in it', async () => {
    chmodSync(directory, 0o700);
    mkdirSync(join(directory, 'shop'), { mode: 0o755 });

    expect(await wrong()).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('is told when a folder in it belongs to another', async () => {
    mkdirSync(join(directory, 'shop'), { mode: 0o700 });
    chownSync(join(directory, 'shop'), 65534, 65534);

    expect(await wrong()).toMatchObject([
      { level: 'warning', check: 'folder', message: `${join(directory, 'shop')} belongs to another user.` },
    ]);
  });

  test('may be missing, and those above it too', async () => {
    rmSync(directory, { recursive: true });

    expect(await wrong()).toEqual([]);
    expect(await wrong({ directory: join(directory, 'a', 'b') })).toEqual([]);
  });

  test('may be full', async () => {
    const findings = await examineSpace(directory, [
      someBackup({ sizeBytes: 2 ** 60 }),
      someBackup({ database: 'blog', sizeBytes: 1 }),
    ]);

    expect(findings).toMatchObject([
      {
        level: 'problem',
        check: 'space',
        message: expect.stringContaining('the last backups of 2 databases'),
      },
    ]);
  });
});

describe('what dead runs have left', () => {
  const record = (process: ProcessIdentity): LockRecord => ({
    schema: 'dbbackup/lock/1',
    token: 'abc',
    job: 'bcdf2345',
    operation: 'create',
    database: 'shop',
    command: 'dbbackup create shop',
    since: '2026-11-22T00:00:00Z',
    process,
    children: [],
  });
  const partial = () => putFile(directory, 'shop', '.manual_2026-11-22_03-00-00.sql.gz.partial', 'half');
  const lock = (process: ProcessIdentity) =>
    putFile(directory, 'shop', '.lock', JSON.stringify(record(process)));

  test('is a backup that a prune was removing when it was killed', async () => {
    const path = putFile(directory, 'shop', '.manual_2026-11-22_03-00-00.sql.gz.removing', 'half');

    expect(await wrong()).toMatchObject([
      {
        ...{ level: 'warning', check: 'leftovers', database: 'shop' },
        message: `An interrupted run left ${path} (4 B).`,
        why: expect.stringContaining('removes it automatically'),
      },
    ]);
  });

  test('is a lock and a partial, which the next run takes care of', async () => {
    const paths = [lock(GONE), partial()];
    putBackup(directory, 'shop');

    const findings = await wrong();

    expect(findings).toMatchObject(
      paths.map((path) => ({
        level: 'warning',
        check: 'leftovers',
        database: 'shop',
        message: expect.stringContaining(path),
        fix: [`dbbackup create shop --dir ${directory}`],
      })),
    );
    expect(await wrong({ databases: ['blog'] })).toEqual([]);
  });

  test('is a manifest without its file when its run failed; else the file is missed', async () => {
    const file = { ...someManifest().file, sha256: 'ab'.repeat(32) };
    const manifest = (label: string, job: string) =>
      putFile(
        directory,
        'shop',
        `${label}_2026-11-22_03-00-00.json`,
        JSON.stringify(someManifest({ job, file })),
      );
    const left = manifest('failed', 'bcdf2345');
    const missed = manifest('moved', 'cccc2222');
    await openJobFile(directory, someJob({ id: 'bcdf2345', state: 'failed' }));
    await openJobFile(directory, someJob({ id: 'cccc2222', state: 'succeeded' }));

    expect(await wrong()).toMatchObject([
      { level: 'warning', message: expect.stringContaining(`An interrupted run left ${left}`) },
      {
        level: 'warning',
        check: 'leftovers',
        message: expect.stringContaining('The file of a backup is missing'),
        why: expect.stringContaining('Move its file back'),
        fix: [`rm ${missed}`],
      },
    ]);
  });

  test('is what an undo would have brought back, once its time is over', async () => {
    const kept = { until: '2026-11-20T00:00:00.000Z', forMs: 3_600_000, sizeBytes: 4096 };
    const changes = { operation: 'restore', state: 'succeeded', kept } as const;
    await openJobFile(directory, someJob(changes));
    putBackup(directory, 'blog');
    await openJobFile(directory, someJob({ ...changes, id: 'cccc2222', database: 'blog' }));
    const told = (database: string, job: string) =>
      `The time is over for which the tables of ${database} before the restore ${job} were kept (4.1 kB, in dbbackup_old_${job}).`;
    const found = await wrong();

    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        {
          ...{ level: 'warning', check: 'leftovers', database: 'shop', message: told('shop', 'bcdf2345') },
          why: 'Only a backup or restore of shop would remove them, and nobody backs it up here: remove them by SQL, then the files of the job.',
          fix: [
            'DROP DATABASE IF EXISTS dbbackup_old_bcdf2345;',
            `rm ${join(directory, '.jobs')}/bcdf2345.*`,
          ],
        },
        {
          ...{ level: 'warning', check: 'leftovers', database: 'blog', message: told('blog', 'cccc2222') },
          why: 'The next backup or restore of blog removes them.',
          fix: [`dbbackup create blog --dir ${directory}`],
        },
      ]),
    );
  });

  test('is also what a run that could only read the backup directory keeps, with its own files', async () => {
    const state = join(directory, '..', 'state');
    const standIn = standInPath(directory, { env: { XDG_STATE_HOME: state }, homeDirectory: undefined })!;
    const kept = { until: '2026-11-20T00:00:00.000Z', forMs: 3_600_000, sizeBytes: 4096 };
    mkdirSync(standIn, { recursive: true, mode: 0o700 });
    await openJobFile(standIn, someJob({ operation: 'restore', state: 'succeeded', kept }));
    putBackup(directory, 'shop');

    const findings = await examined({}, undefined, { XDG_STATE_HOME: state });

    expect(findings).toContainEqual({
      ...{ level: 'warning', check: 'leftovers', database: 'shop' },
      message:
        'The time is over for which the tables of shop before the restore bcdf2345 were kept (4.1 kB, in dbbackup_old_bcdf2345).',
      why: 'The restore could only read the backup directory, so no backup made here knows of them: remove them by SQL, then the files of the job.',
      fix: ['DROP DATABASE IF EXISTS dbbackup_old_bcdf2345;', `rm ${join(standIn, '.jobs')}/bcdf2345.*`],
    });
  });

  test('is not what a run that lives has begun', async () => {
    lock(await identifyProcess(process.pid, 'testhost', 'tester'));
    partial();

    expect(await wrong()).toEqual([]);
  });

  test('is not told of a run on another host, but how to find out', async () => {
    const path = lock({ ...GONE, host: 'other' });

    expect(await wrong()).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining('whether it is still running cannot be checked'),
        fix: [`dbbackup status bcdf2345 --dir ${directory}`, `rm ${path}`],
      },
    ]);
  });

  test('is a problem when it is a lock that no run takes over', async () => {
    const path = putFile(directory, 'shop', '.lock', 'what is this?');

    expect(await wrong()).toMatchObject([{ level: 'problem', check: 'leftovers', fix: [`rm ${path}`] }]);
  });

  test('is a restore that is half done', async () => {
    const swap = { step: 'finishing', stage: 'dbbackup_stage_x', old: 'dbbackup_old_x' } as const;
    await openJobFile(directory, someJob({ operation: 'restore', swap }));

    expect(await wrong()).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining('views, routines, triggers and events may be missing'),
        fix: [`dbbackup restore --resume bcdf2345 --dir ${directory}`],
      },
    ]);
  });

  test('is a restore in place that was cut off', async () => {
    const replacing = { restoreCommand: 'dbbackup restore shop/manual', returnCommand: 'dbbackup restore x' };
    await openJobFile(directory, someJob({ operation: 'restore', replacing }));

    expect(await wrong()).toMatchObject([
      {
        level: 'warning',
        message:
          'The restore bcdf2345 of shop was interrupted in place: shop may hold only part of the backup.',
        fix: ['dbbackup restore x'],
      },
    ]);
  });
});
