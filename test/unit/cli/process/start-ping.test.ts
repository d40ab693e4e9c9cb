import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postPingFromChild } from '../../../../src/cli/process/start-ping.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';

const URL_OF_CHECK = new URL('http://monitor.test/canary');

async function program(text: string): Promise<{ readonly file: string; readonly folder: string }> {
  const folder = await temporaryFolder();
  const file = join(folder, 'child.cjs');
  await writeFile(file, text);
  return { file, folder };
}

test('tells its process what to send, and takes its answer', async () => {
  const { file } = await program(
    "process.once('message', ({ url, body }) => process.send({ failure: { why: url + body, mayPass: true } }));",
  );
  const answer = await postPingFromChild(URL_OF_CHECK, ' body', new AbortController().signal, file);

  expect(answer).toEqual({ why: 'http://monitor.test/canary body', mayPass: true });
});

test('rejects when it ends without one', async () => {
  const { file } = await program('process.exit(0);');

  await expect(postPingFromChild(URL_OF_CHECK, '', new AbortController().signal, file)).rejects.toMatchObject(
    { name: 'AbortError' },
  );
});

/** Every thread that could look up a name hangs, as when no name server answers: an exit would wait for them. */
test('is over in time when its process can neither look up a name nor exit, and leaves none', async () => {
  const { file, folder } = await program(`
    const { renameSync, writeFileSync, open } = require('node:fs');
    const { join } = require('node:path');
    writeFileSync(join(__dirname, 'pid.new'), String(process.pid));
    renameSync(join(__dirname, 'pid.new'), join(__dirname, 'pid'));
    process.on('SIGTERM', () => process.exit(1));
    for (let n = 0; n < 4; n += 1) open(join(__dirname, 'fifo'), 'r', () => undefined);
    process.once('message', ({ url }) => fetch(url));
  `);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  const stop = new AbortController();
  const posted = postPingFromChild(URL_OF_CHECK, '', stop.signal, file);
  await waitFor('the process', () => Promise.resolve(existsSync(join(folder, 'pid'))));
  const begun = performance.now();
  stop.abort();

  await expect(posted).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - begun).toBeLessThan(1000);
  const pid = readFileSync(join(folder, 'pid'), 'utf8');
  await waitFor('its end', () => Promise.resolve(!existsSync(`/proc/${pid}`)));
});
