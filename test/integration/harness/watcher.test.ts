import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { descendantsOf, signalProcess } from '../../harness/processes.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { watch } from '../../harness/watcher.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

test('the watcher sees what there is to see', async () => {
  const folder = await temporaryFolder();
  const child = spawn('sh', ['-c', 'sleep 60 & wait', 'canary-argv'], {
    detached: true, // a group of its own, which the test ends
    env: { PATH: process.env['PATH'], SECRET: 'canary-environment' },
    cwd: folder,
  });
  await mkdir(join(folder, 'deep'));
  await writeFile(join(folder, 'deep/file'), 'canary-file');
  const started = waitFor('sleep', () =>
    descendantsOf(child.pid!).some(({ command }) => command === 'sleep 60'),
  );
  const seen = await watch('canary-', {
    pid: child.pid!,
    folders: [folder],
    over: started.then(() => sleep(400)),
  });
  signalProcess(-child.pid!, 'SIGKILL');

  expect(seen.sightings.toSorted()).toEqual([
    join(folder, 'deep/file'),
    `argv of ${child.pid}`,
    expect.stringMatching(/^environment of \d+ \(sleep 60\)$/),
  ]);
});
