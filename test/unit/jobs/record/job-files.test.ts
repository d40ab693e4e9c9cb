import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openJobFile, readJobFiles, readJobLog } from '../../../../src/jobs/record/job-files.ts';
import { jobFolder } from '../../../../src/backups/directory/layout.ts';
import { newJobId } from '../../../../src/run/job-id.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';
import { someJob } from '../some-jobs.ts';

const self = quietRuntime().userId;

test('ids are short, distinct, and fit for a schema’s name', () => {
  const ids = Array.from({ length: 500 }, newJobId);

  expect(new Set(ids).size).toBe(500);
  expect(ids.filter((id) => !/^[a-z0-9]{8}$/.test(id))).toEqual([]);
});

describe('openJobFile', () => {
  test('keeps the last state and every line of the log', async () => {
    const directory = await temporaryFolder();
    const file = await openJobFile(directory, someJob());
    for (let round = 1; round <= 20; round++) {
      void file.save(someJob({ step: `step ${round}` }));
      void file.log(`line ${round}`);
    }
    await file.save(someJob({ state: 'succeeded' }));

    expect((await readJobFiles(directory, self)).jobs).toEqual([someJob({ state: 'succeeded' })]);
    expect(readJobLog(directory, 'bcdf2345').split('\n')).toHaveLength(21);
    expect(statSync(join(jobFolder(directory), 'bcdf2345.json')).mode & 0o777).toBe(0o600);
  });

  test('does not fail the run when its record can no longer be written', async () => {
    const directory = await temporaryFolder();
    const file = await openJobFile(directory, someJob());
    rmSync(jobFolder(directory), { recursive: true });

    await expect(file.save(someJob({ state: 'succeeded' }))).resolves.toBeUndefined();
    await expect(file.log('on it goes')).resolves.toBeUndefined();
  });

  test('leaves no draft of a state that could not be written', async () => {
    const directory = await temporaryFolder();
    mkdirSync(join(jobFolder(directory), 'bcdf2345.json'), { recursive: true });

    await expect(openJobFile(directory, someJob())).rejects.toMatchObject({ code: 'no-space' });
    expect(readdirSync(jobFolder(directory))).toEqual(['bcdf2345.json']);
  });

  test('says why the first state cannot be written', async () => {
    const directory = await temporaryFolder();
    writeFileSync(join(directory, '.jobs'), '');

    await expect(openJobFile(directory, someJob())).rejects.toMatchObject({
      code: 'no-space',
      message: expect.stringContaining('.jobs'),
    });
  });
});

describe('readJobFiles', () => {
  test('names what it cannot read, instead of hiding it', async () => {
    const directory = await temporaryFolder();
    await openJobFile(directory, someJob());
    writeFileSync(join(jobFolder(directory), 'half.json'), '{"schema":"dbbackup/jo');
    writeFileSync(join(jobFolder(directory), 'foreign.json'), '{}');
    writeFileSync(join(jobFolder(directory), 'renamed.json'), JSON.stringify(someJob()));
    writeFileSync(join(jobFolder(directory), 'x.json.new'), '{}');

    const { jobs, unreadable } = await readJobFiles(directory, self);

    expect(jobs.map(({ id }) => id)).toEqual(['bcdf2345']);
    expect(unreadable.map(({ id }) => id).sort()).toEqual(['foreign', 'half', 'renamed']);
  });

  test('says what stands in the place of a file of ours', async () => {
    const directory = await temporaryFolder();
    await openJobFile(directory, someJob());
    const path = (id: string): string => join(jobFolder(directory), `${id}.json`);
    symlinkSync(path('bcdf2345'), path('link'));
    execFileSync('mkfifo', [path('fifo')]);

    const { jobs, unreadable } = await readJobFiles(directory, self);

    expect(jobs).toHaveLength(1);
    expect(unreadable.map(({ failure }) => failure?.message).sort()).toEqual([
      `${path('fifo')} could not be read: it is not a regular file.`,
      `${path('link')} could not be read: it is a symbolic link.`,
    ]);
  });

  test.runIf(process.getuid?.() === 0)(
    'stays root’s while later runs act on it, and is its folder owner’s then (as root)',
    async () => {
      const directory = await temporaryFolder();
      mkdirSync(jobFolder(directory));
      chownSync(jobFolder(directory), 65_534, 65_534);
      const owner = (): number => statSync(join(jobFolder(directory), 'bcdf2345.json')).uid;
      const file = await openJobFile(directory, someJob());
      expect(owner()).toBe(0);
      await file.saveDurably(someJob({ state: 'failed', replacing: { restoreCommand: 'again' } }));
      expect(owner()).toBe(0);
      await file.save(someJob({ state: 'succeeded' }));
      expect(owner()).toBe(65_534);
    },
  );

  test('finds none where none has run', async () => {
    expect(await readJobFiles('/nonexistent', self)).toEqual({ jobs: [], unreadable: [] });
  });

  test('says why the folder cannot be read', async () => {
    const directory = await temporaryFolder();
    writeFileSync(join(directory, '.jobs'), '');

    await expect(readJobFiles(directory, self)).rejects.toMatchObject({
      code: 'no-space',
      message: `${directory}/.jobs could not be read: a part of its path is not a directory (ENOTDIR).`,
      hint: 'Choose another directory with --dir.',
    });
  });
});

describe('readJobLog', () => {
  test('is empty where there is none', () => {
    expect(readJobLog('/nonexistent', 'bcdf2345')).toBe('');
  });

  test('says why it cannot be read', async () => {
    const directory = await temporaryFolder();
    mkdirSync(join(jobFolder(directory), 'bcdf2345.log'), { recursive: true });

    expect(() => readJobLog(directory, 'bcdf2345')).toThrow(
      `${jobFolder(directory)}/bcdf2345.log could not be read: it is a directory.`,
    );
  });
});
