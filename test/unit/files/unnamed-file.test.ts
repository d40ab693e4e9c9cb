import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { receiveIntoUnnamedFile } from '../../../src/files/unnamed-file.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const NEVER = new AbortController().signal;

describe('receiveIntoUnnamedFile', () => {
  test('holds what came, without a name', async () => {
    const folder = await temporaryFolder();
    const source = Readable.from([Buffer.from('SELECT '), '1;\n']);
    await using handle = await receiveIntoUnnamedFile(join(folder, 'a.partial'), source, NEVER);

    expect(readdirSync(folder)).toEqual([]);
    expect((await handle.read(Buffer.alloc(100), 0, 100, 0)).buffer.toString('utf8', 0, 10)).toBe(
      'SELECT 1;\n',
    );
  });

  test('does not wait for a sender who falls silent when the run is cancelled', async () => {
    const folder = await temporaryFolder();
    const stop = new AbortController();
    const receiving = receiveIntoUnnamedFile(join(folder, 'a.partial'), new PassThrough(), stop.signal);
    stop.abort(new Error('Cancelled by SIGTERM.'));

    await expect(receiving).rejects.toThrow('Cancelled by SIGTERM.');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('passes on what breaks the stream', async () => {
    const folder = await temporaryFolder();
    const source = new Readable({
      read() {
        this.destroy(new Error('broken'));
      },
    });

    await expect(receiveIntoUnnamedFile(join(folder, 'a.partial'), source, NEVER)).rejects.toThrow('broken');
  });

  test('says why there is no place for it', async () => {
    await expect(
      receiveIntoUnnamedFile('/nonexistent/a.partial', Readable.from([]), NEVER),
    ).rejects.toMatchObject({
      code: 'no-space',
      message: '/nonexistent/a.partial could not be written: its directory no longer exists (ENOENT).',
    });
  });
});
