import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeDurably, replaceDurably } from '../../../src/files/durable-file.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

describe('replaceDurably', () => {
  test('writes a file that only its owner may read, in the place of the old one', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.json');
    await replaceDurably(path, 'a long first text');
    await replaceDurably(path, 'größe');

    expect(readFileSync(path, 'utf8')).toBe('größe');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  test('what a run that died left of a draft is no hindrance', async () => {
    const path = join(await temporaryFolder(), 'a.json');
    writeFileSync(`${path}.new`, 'half a text that is longer');
    await replaceDurably(path, 'whole');

    expect(readFileSync(path, 'utf8')).toBe('whole');
  });

  test('replaces a link, not what it leads to', async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'other'), 'stays');
    symlinkSync('other', join(folder, 'a.json'));
    await replaceDurably(join(folder, 'a.json'), 'text');

    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('stays');
  });

  test('leaves the old text when the new one cannot be written', async () => {
    const path = join(await temporaryFolder(), 'a.json');
    await replaceDurably(path, 'old');
    mkdirSync(`${path}.new`);

    await expect(replaceDurably(path, 'new')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('leaves no draft behind when it fails', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'a.json'));

    await expect(replaceDurably(join(folder, 'a.json'), 'new')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(folder)).toEqual(['a.json']);
  });
});

describe('removeDurably', () => {
  test('removes a file, and is content when there is none', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.json');
    writeFileSync(path, '');
    await removeDurably(path);
    await removeDurably(path);

    expect(readdirSync(folder)).toEqual([]);
  });

  test('fails where the folder is gone: nothing is known of it then', async () => {
    await expect(removeDurably('/nonexistent/a.json')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
