import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openJobFile, readJobFiles } from '../../../../src/jobs/record/job-files.ts';
import { jobFolder } from '../../../../src/backups/directory/layout.ts';
import {
  readSwapScript,
  removeSwapScript,
  writeSwapScript,
} from '../../../../src/restore/swap/swap-script-file.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { someSwapScript } from './some-swaps.ts';

const JOB = 'bcdf2345';
const self = quietRuntime();

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
  await openJobFile(directory, someJob({ id: JOB }));
});

test('what is written is read again, every byte of it', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());

  expect(await readSwapScript(directory, JOB, self)).toEqual(someSwapScript());
  expect(statSync(join(jobFolder(directory), `${JOB}.swap`)).mode & 0o777).toBe(0o600);
});

test('that of another restore is not taken for it, whoever has renamed it', async () => {
  await writeSwapScript(directory, 'another1', someSwapScript());
  const path = join(jobFolder(directory), `${JOB}.swap`);
  renameSync(join(jobFolder(directory), 'another1.swap'), path);

  await expect(readSwapScript(directory, JOB, self)).rejects.toMatchObject({
    code: 'restore-incomplete',
    message: `The record of a swap is damaged: ${path} (it is that of the restore another1).`,
  });
});

test('an earlier release did not say whose it is', async () => {
  writeFileSync(join(jobFolder(directory), `${JOB}.swap`), JSON.stringify(someSwapScript()));

  expect(await readSwapScript(directory, JOB, self)).toEqual(someSwapScript());
});

test('it is no job of its own', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());

  expect(await readJobFiles(directory, self.userId)).toMatchObject({ jobs: [{ id: JOB }], unreadable: [] });
});

test('once removed there is none', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());
  await removeSwapScript(directory, JOB);

  await expect(readSwapScript(directory, JOB, self)).rejects.toMatchObject({
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

  const reading = readSwapScript(directory, JOB, self);

  await expect(reading).rejects.toMatchObject({ name: 'DbBackupError', code: 'restore-incomplete' });
  await expect(reading).rejects.toThrow(`The record of a swap is damaged: ${path} (`);
  await expect(reading).rejects.toThrow(why);
});

test('says why it cannot be written or read', async () => {
  const path = join(jobFolder(directory), `${JOB}.swap`);
  mkdirSync(path);
  await expect(readSwapScript(directory, JOB, self)).rejects.toMatchObject({
    code: 'restore-incomplete',
    message: `The record of a swap is damaged: ${path} (it is a directory).`,
  });

  rmSync(jobFolder(directory), { recursive: true });
  await expect(writeSwapScript(directory, JOB, someSwapScript())).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringContaining(path),
  });
});

test('is not taken from somebody else', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());
  const path = join(jobFolder(directory), `${JOB}.swap`);
  chmodSync(path, 0o666);

  await expect(readSwapScript(directory, JOB, self)).rejects.toMatchObject({
    code: 'restore-incomplete',
    message: `The record of a swap may be written by other users: ${path}. Its statements are not run.`,
    hint: `If you know that nobody has changed it:\nchmod go-w ${path}`,
  });
  chmodSync(path, 0o600);
  expect(await readSwapScript(directory, JOB, self)).toEqual(someSwapScript());
});

test.runIf(process.getuid?.() === 0)('root runs no statement of another user', async () => {
  await writeSwapScript(directory, JOB, someSwapScript());
  const path = join(jobFolder(directory), `${JOB}.swap`);
  chownSync(path, 65_534, 65_534);

  await expect(readSwapScript(directory, JOB, self)).rejects.toMatchObject({
    code: 'restore-incomplete',
    message: `The record of a swap belongs to nobody: ${path}. Its statements are not run.`,
    hint: `If that user started the restore, resume it as that user:\nsudo -u nobody dbbackup restore --resume ${JOB} --dir ${directory}`,
  });
  expect(await readSwapScript(directory, JOB, { ...self, userId: 65_534 })).toEqual(someSwapScript());
});

test.runIf(process.getuid?.() === 0)('is not given to the owner of the folder, who may read it', async () => {
  chownSync(jobFolder(directory), 65_534, 65_534);
  await writeSwapScript(directory, JOB, someSwapScript());
  const { uid, gid, mode } = statSync(join(jobFolder(directory), `${JOB}.swap`));

  expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 65_534, mode: 0o640 });
});
