import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderOfDatabase } from '../../../src/backups/record/backup-name.ts';
import { someManifest } from '../cli/render/some-backups.ts';

export const NAME = 'manual_2026-11-22_03-00-00';

/** Puts a file into a database's folder. @returns its path. */
export function putFile(directory: string, database: string, name: string, content: string | Buffer): string {
  const path = join(directory, folderOfDatabase(database), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A backup of four bytes with its manifest, in which the given facts may be untrue. @returns its path. */
export function putBackup(
  directory: string,
  folder: string,
  facts: {
    readonly name?: string;
    readonly fileName?: string;
    readonly database?: string;
    readonly sizeBytes?: number;
    readonly label?: string;
    readonly startedAt?: string;
  } = {},
): string {
  const { name = NAME, database = folder, sizeBytes = 4, label = 'manual' } = facts;
  const { startedAt = '2026-11-22T03:00:00.000Z', fileName = `${name}.sql.gz` } = facts;
  const file = { ...someManifest().file, name: fileName, sizeBytes, sha256: 'ab'.repeat(32) };
  const manifest = someManifest({ name, database, label, startedAt, file });
  putFile(directory, folder, `${name}.json`, JSON.stringify(manifest));
  return putFile(directory, folder, `${name}.sql.gz`, 'gzip');
}
