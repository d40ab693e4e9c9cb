import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestPathOf, readManifest } from '../../../../src/backups/record/manifest-file.ts';
import { recordRehearsal, stageManifest } from '../../../../src/backups/record/write-manifest.ts';
import type { Manifest, Rehearsal } from '../../../../src/backups/record/manifest.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';
import { someManifest } from '../../cli/render/some-backups.ts';

const manifest = someManifest({ file: { ...someManifest().file, sha256: 'ab'.repeat(32) } });

const self = quietRuntime().userId;

async function put(content: unknown): Promise<string> {
  const path = join(await temporaryFolder(), 'a.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test.each([
  ['/b/shop/manual.sql', '/b/shop/manual.json'],
  ['/b/shop/manual.sql.gz', '/b/shop/manual.json'],
  ['/b/shop/manual.sql.zst', '/b/shop/manual.json'],
  ['/b/dump', '/b/dump.json'],
])('the manifest of %s is %s', (path, beside) => {
  expect(manifestPathOf(path)).toBe(beside);
});

describe('readManifest', () => {
  test('reads what was written', async () => {
    const path = join(await temporaryFolder(), 'a.json');
    await using file = await stageManifest(path, manifest);
    expect(existsSync(path)).toBe(false);
    await file.publish();

    const { manifest: read, file: writtenBy } = await readManifest(path);
    expect(read).toEqual(manifest);
    expect(writtenBy).toMatchObject({ ownerId: self });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('lets fields through that a later release added', async () => {
    const path = await put({ ...manifest, added: 1, file: { ...manifest.file, added: 2 } });
    expect((await readManifest(path)).manifest).toMatchObject(manifest);
  });

  test.each<[title: string, content: unknown, problem: string | RegExp]>([
    ['no JSON', '{', 'its manifest is not JSON'],
    ['nothing', '', 'its manifest is not JSON'],
    [
      'another schema',
      { ...manifest, schema: 'dbbackup/manifest/2' },
      /^its manifest is invalid at schema: /,
    ],
    [
      'a size below zero',
      { ...manifest, file: { ...manifest.file, sizeBytes: -1 } },
      /^its manifest is invalid at file\.sizeBytes: /,
    ],
    [
      'no hash',
      { ...manifest, file: { ...manifest.file, sha256: 'x' } },
      /^its manifest is invalid at file\.sha256: /,
    ],
    [
      'a time without zone',
      { ...manifest, startedAt: '2026-11-22 00:00' },
      /^its manifest is invalid at startedAt: /,
    ],
    ['a list', [], /^its manifest is invalid at /],
  ])('refuses %s', async (_title, content, problem) => {
    const error: unknown = await readManifest(await put(content)).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'damaged' });
    expect((error as Error).message).toMatch(problem);
  });

  test('says why it cannot be read', async () => {
    await expect(readManifest('/nonexistent/a.json')).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('its manifest cannot be read (ENOENT'),
    });
  });

  test('follows a link only where that is asked', async () => {
    const path = await put(manifest);
    const link = join(await temporaryFolder(), 'link.json');
    symlinkSync(path, link);

    await expect(readManifest(link)).rejects.toMatchObject({
      code: 'damaged',
      message: 'its manifest is a symbolic link',
    });
    expect((await readManifest(link, { followsLink: true })).manifest).toEqual(manifest);
  });
});

test('a manifest that cannot be written leaves nothing', async () => {
  const folder = await temporaryFolder();
  const unwritable = {
    ...manifest,
    toJSON: () => {
      throw new Error('made up');
    },
  } as Manifest;

  await expect(stageManifest(join(folder, 'a.json'), unwritable)).rejects.toThrow('made up');
  expect(readdirSync(folder)).toEqual([]);
});

describe('recordRehearsal', () => {
  const rehearsal: Rehearsal = {
    at: '2026-11-22T03:00:00.000Z',
    job: 'bcdf2345',
    durationMs: 3_000,
    ok: true,
    server: { flavour: 'mysql', version: '9.7.4' },
    tables: 2,
    rows: 4,
  };

  test('adds it, and leaves all else as it is, what later releases have added too', async () => {
    const path = await put({ ...manifest, added: { by: 'a later release' } });
    await recordRehearsal(path, 'ab'.repeat(32), { ...rehearsal, ok: false, problem: 'It is bad.' }, self);
    await recordRehearsal(path, 'ab'.repeat(32), rehearsal, self);

    const { manifest: read } = await readManifest(path);
    expect(read).toEqual({ ...manifest, added: { by: 'a later release' }, rehearsal });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['a.json']);
  });

  test('writes nothing beside another file than the one that was rehearsed', async () => {
    const path = await put(manifest);
    const before = readFileSync(path, 'utf8');
    await recordRehearsal(path, 'cd'.repeat(32), rehearsal, self);

    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test.each([
    { title: 'keeps the grants of our manifest', mode: 0o600, keeps: true },
    {
      title: 'keeps no grants that others may have written, because the new file is trusted',
      mode: 0o666,
      keeps: false,
    },
  ])('$title', async ({ mode, keeps }) => {
    const routineGrants = [{ routine: 'procedure p', user: 'u', host: '%', privileges: ['EXECUTE'] }];
    const path = await put({ ...manifest, routineGrants });
    chmodSync(path, mode);
    await recordRehearsal(path, 'ab'.repeat(32), rehearsal, self);

    const { manifest: read } = await readManifest(path);
    expect(read).toMatchObject({ rehearsal });
    expect(read.routineGrants).toEqual(keeps ? routineGrants : undefined);
  });

  test.runIf(process.getuid?.() === 0).each([
    { title: 'leaves the grants to a user who stays the owner', folderOwner: 65_534, keeps: true },
    { title: 'makes the grants of another user not root’s own', folderOwner: 0, keeps: false },
  ])('$title (as root)', async ({ folderOwner, keeps }) => {
    const routineGrants = [{ routine: 'procedure p', user: 'u', host: '%', privileges: ['EXECUTE'] }];
    const path = await put({ ...manifest, routineGrants });
    chmodSync(path, 0o600);
    chownSync(path, 65_534, 65_534);
    chownSync(join(path, '..'), folderOwner, folderOwner);
    await recordRehearsal(path, 'ab'.repeat(32), rehearsal, 0);

    const { manifest: read, file } = await readManifest(path);
    expect(read.routineGrants).toEqual(keeps ? routineGrants : undefined);
    expect(file.ownerId).toBe(folderOwner);
  });

  test('is refused when it is no rehearsal', async () => {
    const path = await put({ ...manifest, rehearsal: { ...rehearsal, ok: 'yes' } });

    await expect(readManifest(path)).rejects.toMatchObject({
      message: expect.stringContaining('its manifest is invalid at rehearsal.ok: '),
    });
  });
});
