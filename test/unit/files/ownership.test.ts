import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  commandAs,
  distrustText,
  ownerOf,
  ownershipHint,
  whyNotTrusted,
} from '../../../src/files/ownership.ts';
import { nameOfUser } from '../../../src/files/user-names.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const self = nameOfUser(process.getuid?.() ?? 0);

test('a user without a name on this machine is called by the number', () => {
  expect(nameOfUser(0)).toBe('root');
  expect(nameOfUser(54_321)).toBe('54321');
});

describe('ownershipHint', () => {
  test('names the owner of the file, or of the nearest folder that can be seen', async () => {
    const folder = await temporaryFolder();
    chmodSync(folder, 0o700);
    const path = join(folder, 'a');
    writeFileSync(path, '');

    expect(ownerOf(path)).toBe(self);
    for (const each of [path, join(folder, 'not', 'there')])
      expect(ownershipHint(each, 'read')).toContain(`belongs to ${self}`);
  });

  test('says nothing of an owner who has closed it to himself', async () => {
    const folder = join(await temporaryFolder(), 'closed');
    mkdirSync(folder, { mode: 0o500 });

    expect(ownershipHint(join(folder, 'a'), 'write')).toBeUndefined();
  });

  test.runIf(process.getuid?.() === 0)('gives back what differs from its folder (as root)', async () => {
    const folder = await temporaryFolder();
    chownSync(folder, 65_534, 65_534);
    const path = join(folder, 'my shop');
    mkdirSync(path);

    expect(ownershipHint(join(path, 'a.sql'), 'read')).toBe(
      `${path} belongs to root, and its directory to nobody. Change the owner back:\nsudo chown -R nobody '${path}'`,
    );
  });

  test.runIf(process.getuid?.() === 0)(
    'takes nothing from its owner because the folder above, such as /var/backups, is of root (as root)',
    async () => {
      const path = join(await temporaryFolder(), 'mysql');
      mkdirSync(path);
      chownSync(path, 65_534, 65_534);

      expect(ownershipHint(join(path, 'shop'), 'read')).toBe(
        `${path} belongs to nobody. Run dbbackup as its owner (sudo -u nobody), or choose another directory with --dir.`,
      );
    },
  );
});

describe('whyNotTrusted', () => {
  test.each([
    { title: 'our own file', ownerId: 1000, mode: 0o600, distrust: undefined },
    { title: 'one that others may read', ownerId: 1000, mode: 0o100644, distrust: undefined },
    { title: 'one of root', ownerId: 0, mode: 0o640, distrust: undefined },
    { title: 'one of another user', ownerId: 1001, mode: 0o600, distrust: 'owner' },
    { title: 'ours, but its group may write', ownerId: 1000, mode: 0o660, distrust: 'mode' },
    { title: 'ours, but everybody may write', ownerId: 1000, mode: 0o606, distrust: 'mode' },
    { title: 'of root, but everybody may write', ownerId: 0, mode: 0o666, distrust: 'mode' },
  ])('$title', ({ ownerId, mode, distrust }) => {
    expect(whyNotTrusted({ ownerId, mode }, 1000)).toBe(distrust);
  });

  test('root trusts no other user', () => {
    expect(whyNotTrusted({ ownerId: 1000, mode: 0o600 }, 0)).toBe('owner');
  });

  test('is told with what to type', () => {
    expect(distrustText('owner', 54_321)).toBe('belongs to 54321');
    expect(distrustText('mode', 0)).toBe('may be written by other users');
    expect(commandAs(54_321, 'dbbackup list')).toBe('sudo -u 54321 dbbackup list');
    expect(commandAs(0, 'dbbackup list')).toBe('sudo dbbackup list');
  });
});
