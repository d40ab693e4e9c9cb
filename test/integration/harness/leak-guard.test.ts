import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { current, leavesBehind } from '../../harness/current-test.ts';
import { processes } from '../../harness/processes.ts';
import { waitFor, within } from '../../harness/wait-for.ts';
import { temporaryFolder, workspace } from '../../harness/workspace.ts';

describe('the leak guard', () => {
  let left: number | undefined;

  test.fails('fails a test that leaves a partial', async () => {
    await writeFile(join(await temporaryFolder(), '.x.partial'), '');
  });

  test.fails('fails a test that leaves a temporary file', async () => {
    await writeFile(join((await workspace()).tmp, 'forgotten'), '');
  });

  test.fails('fails a test that leaves a process', async () => {
    current().patienceMs = 300;
    const child = spawn('sleep', ['60'], { cwd: await temporaryFolder(), detached: true, stdio: 'ignore' });
    child.unref();
    left = child.pid;
  });

  test.fails('fails a test that printed a document which its schema does not describe', () => {
    const stdout = '{"schema":"dbbackup/version/1","ok":true,"version":"1","release":"odd"}\n';
    current().results.push({ exitCode: 0, signal: undefined, stdout, stderr: '' });
  });

  test('lets a test leave what it says', async () => {
    leavesBehind(['partial'], 'the point of the test');
    await writeFile(join(await temporaryFolder(), '.x.partial'), '');
  });

  test('ends the processes that it found', async () => {
    await waitFor(
      'the sleep of the test before to end',
      () => !processes().some((each) => each.pid === left && each.state !== 'Z'),
    );
  });
});

test('waiting gives up at its deadline', async () => {
  await expect(waitFor('what never comes', () => false, { deadlineMs: 50 })).rejects.toThrow(
    'what never comes',
  );
  await expect(within(50, 'The wait', new Promise(() => undefined))).rejects.toThrow('The wait took longer');
});
