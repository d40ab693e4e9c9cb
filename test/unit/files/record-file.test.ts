import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readRecordFile, UnfitFileError } from '../../../src/files/record-file.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

let path = '';
beforeEach(async () => {
  path = join(await temporaryFolder(), 'a.json');
});

describe('readRecordFile', () => {
  test('reads the text, and who could have written it', () => {
    writeFileSync(path, '{"größe": 1}');
    chmodSync(path, 0o640);

    const { text, ownerId, mode } = readRecordFile(path);

    expect(text).toBe('{"größe": 1}');
    expect(ownerId).toBe(process.geteuid?.());
    expect(mode & 0o777).toBe(0o640);
    writeFileSync(path, '');
    expect(readRecordFile(path).text).toBe('');
  });

  test.each([
    { title: 'a FIFO', make: () => execFileSync('mkfifo', [path]), is: 'is not a regular file' },
    { title: 'a folder', make: () => mkdirSync(path), is: 'is a directory' },
    { title: 'a device', make: () => symlinkSync('/dev/zero', path), is: 'is a symbolic link' },
    { title: 'a link to a good file', make: () => linkTo('{}'), is: 'is a symbolic link' },
    { title: 'a dangling link', make: () => symlinkSync('/nowhere', path), is: 'is a symbolic link' },
    { title: 'a gigabyte of nothing', make: () => gigabyte(), is: 'is larger than 67.1 MB' },
  ])('neither waits for nor reads $title', ({ make, is }) => {
    make();

    expect(() => readRecordFile(path)).toThrow(new UnfitFileError(is));
  });

  test('is not held up by a socket', async () => {
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));

    expect(() => readRecordFile(path)).toThrow('is not a regular file');
  });

  test('follows a link where that is asked, but only to a file', () => {
    linkTo('elsewhere');
    expect(readRecordFile(path, { followsLink: true }).text).toBe('elsewhere');

    rmSync(path);
    symlinkSync('/dev/zero', path);
    expect(() => readRecordFile(path, { followsLink: true })).toThrow('is not a regular file');
  });

  test('reads what is as large as it may be', () => {
    writeFileSync(path, 'x'.repeat(1000));

    expect(readRecordFile(path, { largestBytes: 1000 }).text).toHaveLength(1000);
    expect(() => readRecordFile(path, { largestBytes: 999 })).toThrow('is larger than 999 B');
  });

  test('leaves it to the system to say that there is none', () => {
    expect(() => readRecordFile(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

function linkTo(text: string): void {
  writeFileSync(`${path}.elsewhere`, text);
  symlinkSync(`${path}.elsewhere`, path);
}

function gigabyte(): void {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
}
