import { describe, expect, test } from 'vitest';
import {
  backupName,
  baseName,
  databaseOfFolder,
  folderOfDatabase,
  isLabel,
  parseBackupName,
} from '../../../../src/backups/record/backup-name.ts';
import { compressionByName, extensionOf } from '../../../../src/compression/methods.ts';
import { isSystemSchema } from '../../../../src/server/catalog/schemas.ts';
import { quoteName } from '../../../../src/sql/definitions/quote-name.ts';
import { COMPRESSIONS } from '../../../../src/compression/methods.ts';

describe('file names', () => {
  test.each([
    ['manual_2026-11-22_03-00-00.sql', 'none'],
    ['manual_2026-11-22_03-00-00.sql.gz', 'gzip'],
    ['dump.sql.zst', 'zstd'],
    ['dump.gz', undefined],
    ['dump.sql.bz2', undefined],
    ['.sql', undefined],
    ['.sql.gz', undefined],
  ])('%s is compressed by %s', (fileName, method) => {
    expect(compressionByName(fileName)).toBe(method);
  });

  test.each(COMPRESSIONS)('the extension of %s leads back to it, and comes off again', (method) => {
    expect(compressionByName(`a${extensionOf(method)}`)).toBe(method);
    expect(baseName(`a${extensionOf(method)}`)).toBe('a');
  });

  test('a name that is no dump has no extension to take off', () => {
    expect(baseName('notes.txt')).toBe('notes.txt');
  });
});

describe('backupName', () => {
  test('is the label and the time in UTC, to the second', () => {
    const at = new Date('2026-11-22T04:00:09.999+01:00');

    expect(backupName('manual', at)).toBe('manual_2026-11-22_03-00-09');
  });

  test('is read back', () => {
    const at = new Date('2026-11-22T03:00:09Z');

    expect(parseBackupName(backupName('pre-restore', at))).toEqual({ label: 'pre-restore', at });
  });

  test.each([
    'manual',
    'manual_2026-11-22',
    'manual_2026-13-22_03-00-09',
    'manual_2026-11-22_03-00-09.sql',
    '_2026-11-22_03-00-09',
    '../manual_2026-11-22_03-00-09',
  ])('%s is no name of a backup', (name) => {
    expect(parseBackupName(name)).toBeUndefined();
  });
});

describe('isLabel', () => {
  test.each(['manual', 'pre-restore', 'v1.2', '7', 'A'.repeat(64)])('takes %s', (text) => {
    expect(isLabel(text)).toBe(true);
  });

  test.each(['', '-x', '.hidden', 'a_b', 'a b', 'a/b', 'ä', 'a\n', 'A'.repeat(65)])('refuses %j', (text) => {
    expect(isLabel(text)).toBe(false);
  });
});

describe('folderOfDatabase', () => {
  test.each([
    ['shop', 'shop'],
    ['my_shop-2', 'my_shop-2'],
    ['my shop', 'my%20shop'],
    ['..', '%2E%2E'],
    ['.jobs', '%2Ejobs'],
    ['a/b', 'a%2Fb'],
    ['100%', '100%25'],
    ['größe', 'gr%C3%B6%C3%9Fe'],
    ['-rf', '-rf'],
  ])('%j lies in %s, and is found again', (database, folder) => {
    expect(folderOfDatabase(database)).toBe(folder);
    expect(databaseOfFolder(folder)).toBe(database);
  });

  test.each(['', '.jobs', '.', 'a b', '%zz', '%2e', '%41', '%FF'])(
    '%j is the folder of no database',
    (folder) => {
      expect(databaseOfFolder(folder)).toBeUndefined();
    },
  );
});

describe('schemas', () => {
  test.each([
    ['mysql', true],
    ['SYS', true],
    ['information_schema', true],
    ['performance_schema', true],
    ['shop', false],
    ['sys2', false],
  ])('%s belongs to the server: %s', (database, system) => {
    expect(isSystemSchema(database)).toBe(system);
  });
});

test('quoteName doubles backticks', () => {
  expect(quoteName('a`b; DROP')).toBe('`a``b; DROP`');
});
