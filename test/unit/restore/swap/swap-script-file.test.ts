import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openJobFile, readJobFiles } from '../../../../src/jobs/record/job-files.ts';
import { jobFolder } from '../../../../src/backups/directory/layout.ts';
import {
  readSwapScript,
  removeSwapScript,
  writeSwapScript,
} from '../../../../src/restore/swap/swap-script-file.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { someSwapScript } from './some-swaps.ts';

const JOB = 'bcdf2345';

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
  await openJobFile(directory, someJob({ id: JOB }));
});

test('what is written is read again, every byte of it', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());

  expect(await readSwapScript(directory, JOB)).toEqual(someSwapScript());
  expect(statSync(join(jobFolder(directory), `${JOB}.swap`)).mode & 0o777).toBe(0o600);
});

test('it is no job of its own', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());

  expect(await readJobFiles(directory)).toMatchObject({ jobs: [{ id: JOB }], unreadable: [] });
});

test('once removed there is none', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());
  await removeSwapScript(directory, JOB);

  await expect(readSwapScript(directory, JOB)).rejects.toMatchObject({
    code: 'restore-incomplete',
    message: `The record of a swap is missing: ${join(jobFolder(directory), `${JOB}.swap`)}.`,
  });
  expect(readdirSync(jobFolder(directory)).filter((name) => name.includes('.swap'))).toEqual([]);
});

test.each([
  { title: 'half a script', text: JSON.stringify(someSwapScript()).slice(0, -20), why: 'JSON' },
  { title: 'an empty file', text: '', why: 'Unexpected end of JSON input' },
  { title: 'what is no JSON', text: '\0\0\0\0', why: 'not valid JSON' },
  {
    title: 'wrong content',
    text: JSON.stringify({ ...someSwapScript(), leaving: 'orders' }),
    why: '(leaving: Invalid type',
  },
])('$title is not taken for a script', async ({ text, why }) => {
  const path = join(jobFolder(directory), `${JOB}.swap`);
  writeFileSync(path, text);

  const reading = readSwapScript(directory, JOB);

  await expect(reading).rejects.toMatchObject({ name: 'DbBackupError', code: 'restore-incomplete' });
  await expect(reading).rejects.toThrow(`The record of a swap is damaged: ${path} (`);
  await expect(reading).rejects.toThrow(why);
});

test('says why it cannot be written or read', async () => {
  const path = join(jobFolder(directory), `${JOB}.swap`);
  mkdirSync(path);
  await expect(readSwapScript(directory, JOB)).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringContaining(path),
  });

  rmSync(jobFolder(directory), { recursive: true });
  await expect(writeSwapScript(directory, JOB, someSwapScript())).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringContaining(path),
  });
});
