import prettyBytes from 'pretty-bytes';
import { databaseFolder } from '../backups/directory/layout.ts';
import { readBackups } from '../backups/directory/read-backups.ts';
import { newestFirst } from '../backups/record/backup.ts';
import type { Compression } from '../compression/methods.ts';
import { readFreeSpace } from '../files/disk-space.ts';
import { DbBackupError } from '../run/errors.ts';
import type { CreatePlan, DumpTask } from './dump-plan.ts';

/** What no dump of rows is compressed to. */
const SMALLEST_RATIO = 0.02;
/** Statistics of the server and the last backup may be this far from it. */
const CERTAIN_SHARE = 0.5;

/**
 * Refuses to begin a backup for which there is certainly no room: by how well the last one of the database was
 * compressed, or, without one, at the best that there is.
 *
 * @throws {DbBackupError} `no-space`.
 */
export async function refuseLackOfRoom(
  { directory, database, compression }: Pick<DumpTask, 'directory' | 'database' | 'compression'>,
  { estimatedBytes }: Pick<CreatePlan, 'estimatedBytes'>,
): Promise<void> {
  const folder = databaseFolder(directory, database);
  const free = await readFreeSpace(folder);
  if (free === undefined) return;
  if (free.noFiles) throw noRoom(folder, 'its file system has no free inodes');
  const neededBytes = Math.round(
    CERTAIN_SHARE * estimatedBytes * (await ratioOf(directory, database, compression)),
  );
  if (neededBytes <= free.bytes) return;
  throw noRoom(
    folder,
    `it takes at least ${prettyBytes(neededBytes)}, and ${prettyBytes(free.bytes)} are free`,
  );
}

async function ratioOf(directory: string, database: string, { method }: Compression): Promise<number> {
  if (method === 'none') return 1;
  const last = [...(await readBackups(directory, database))]
    .sort(newestFirst)
    .find(({ manifest }) => manifest !== undefined && manifest.file.compression !== 'none')?.manifest?.file;
  // One method may be a good deal better than the other.
  return last === undefined || last.uncompressedBytes === 0
    ? SMALLEST_RATIO
    : last.sizeBytes / last.uncompressedBytes / (last.compression === method ? 1 : 2);
}

function noRoom(folder: string, why: string): DbBackupError {
  return new DbBackupError('no-space', `There is no room for a backup in ${folder}: ${why}.`, {
    hint: 'Make room, or choose another directory with --dir.',
  });
}
