// The one place that knows how the backup directory is laid out on disk.
import { readdir } from 'node:fs/promises';
import type { Backup } from '../record/backup.ts';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import { baseName, parseBackupName } from '../record/backup-name.ts';
import { compressionByName } from '../../compression/methods.ts';
import { manifestPathOf, readManifest } from '../record/manifest-file.ts';
import { readFailure } from '../../files/file-failure.ts';
import { databaseFolder } from './layout.ts';
import { statIfThere } from '../../files/stat-if-there.ts';

/** Every backup of one database, in no order. A missing folder has none. */
export async function readBackups(directory: string, database: string): Promise<readonly Backup[]> {
  const folder = databaseFolder(directory, database);
  let names: Set<string>;
  try {
    names = new Set(await readdir(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, folder);
  }
  const dumps = [...names].filter((name) => !name.startsWith('.') && compressionByName(name) !== undefined);
  const backups: Backup[] = [];
  for (const name of dumps) {
    const backup = await readBackup(`${folder}/${name}`, database, names.has(`${baseName(name)}.json`));
    if (backup !== undefined) backups.push(backup);
  }
  return backups;
}

/**
 * Describes a dump file by its name, size and manifest. undefined when it no longer exists, or is not a file.
 *
 * @param database The folder it is in; undefined for a file elsewhere, whose database only a manifest can tell.
 * @throws {DbBackupError} `no-space` when this login may not look at it.
 */
export async function readBackup(
  path: string,
  database: string | undefined,
  hasManifest: boolean,
): Promise<Backup | undefined> {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const compression = compressionByName(fileName) ?? 'none';
  const name = baseName(fileName);
  const file = statIfThere(path);
  if (file?.isFile() !== true) return undefined;
  const stated = parseBackupName(name);
  const known = {
    name,
    database: database ?? '',
    path,
    label: stated?.label,
    startedAt: (stated?.at ?? file.mtime).toISOString(),
    sizeBytes: file.size,
    compression,
  };
  if (!hasManifest) return { ...known, state: 'unverified', manifest: undefined };
  try {
    const { manifest, file: manifestFile } = await readManifest(manifestPathOf(path), {
      followsLink: database === undefined,
    });
    const damage = misfit(manifest, { name: fileName, sizeBytes: file.size, database });
    const doubt = doubtOf(manifest);
    return {
      ...known,
      database: database ?? manifest.database,
      label: manifest.label,
      startedAt: manifest.startedAt,
      state: damage !== undefined ? 'damaged' : doubt !== undefined ? 'suspect' : 'complete',
      problem: damage ?? doubt,
      manifest,
      manifestFile,
    };
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    if (statIfThere(path) === undefined) return undefined; // prune has just removed both
    const state = error.code === 'damaged' ? 'damaged' : 'unreadable';
    return { ...known, state, problem: inOneLine(error), manifest: undefined };
  }
}

function doubtOf({ madeFromInterrupted: jobs = [] }: NonNullable<Backup['manifest']>): string | undefined {
  if (jobs.length === 0) return undefined;
  return `its database was only partly restored when it was made (${jobs.join(', ')})`;
}

function misfit(
  manifest: NonNullable<Backup['manifest']>,
  file: { readonly name: string; readonly sizeBytes: number; readonly database: string | undefined },
): string | undefined {
  if (manifest.file.name !== file.name) return `its manifest belongs to ${manifest.file.name}`;
  if (file.database !== undefined && manifest.database !== file.database) {
    return `its manifest says that it is a backup of ${manifest.database}`;
  }
  if (manifest.file.sizeBytes !== file.sizeBytes) {
    return `it has ${file.sizeBytes} bytes, but its manifest says ${manifest.file.sizeBytes}`;
  }
  return undefined;
}
