// What backups there are, and what they hold: for programs that use dbbackup as a library. Needs no server.
import { resolve } from 'node:path';
import * as list from '../backups/directory/list-backups.ts';
import type { ListFilter, ListRequest } from '../backups/directory/list-backups.ts';
import type { Backup } from '../backups/record/backup.ts';
import { processRuntime } from '../cli/process/process-context.ts';
import * as diff from '../contents/diff-backups.ts';
import type { BackupDiff, DiffRequest } from '../contents/diff-backups.ts';
import * as extract from '../contents/extract-backup.ts';
import type { Extracted } from '../contents/extract-request.ts';
import * as show from '../contents/show-backup.ts';
import type { ShownBackup, ShowRequest } from '../contents/show-backup.ts';
import { DbBackupError } from '../run/errors.ts';
import type { OnProgress } from '../run/progress.ts';
import type { Runtime } from '../run/runtime.ts';
import { refuseNonName } from '../settings/values/database-names.ts';
import { parseLabelOfBackups } from '../settings/values/label.ts';
import { parseLimit } from '../settings/values/limit.ts';
import { absoluteDirectory, given } from './checked-values.ts';
import type { ExtractBackupRequest, Without } from './requests.ts';

/**
 * The backups in a backup directory, newest first.
 *
 * @param request.databases Left out: all.
 * @param request.label Left out: any.
 * @param request.limit Only the newest so many; left out: all.
 * @param onProgress Warned of folders that cannot be read; without it these are thrown.
 * @throws {DbBackupError} `no-space` when nothing can be read.
 */
export async function listBackups(
  { directory, databases = [], label, limit }: Without<ListRequest, 'databases'> & ListFilter,
  onProgress?: OnProgress,
): Promise<readonly Backup[]> {
  const { cwd } = processRuntime();
  const request = {
    ...{ directory: absoluteDirectory(directory, cwd), databases },
    label: parseLabelOfBackups(label === undefined ? undefined : given('label', label)),
    limit: parseLimit(limit === undefined ? undefined : given('limit', String(limit))),
  };
  return list.listBackups(request, onProgress);
}

/**
 * What a backup holds, by its manifest.
 *
 * @param request.reference As `restore` takes it: `shop/latest`, a name, a path.
 * @throws {DbBackupError} `not-found`, `usage`. A damaged backup is no failure: its state tells.
 */
export async function showBackup(
  { reference, directory }: ShowRequest,
  runtime: Runtime = processRuntime(),
): Promise<ShownBackup> {
  refuseNonName(reference, 'reference');
  return show.showBackup({ reference, directory: absoluteDirectory(directory, runtime.cwd) }, runtime);
}

/**
 * What changed between two backups. Rows are not compared.
 *
 * @param request.from As `restore` takes it: `shop/latest`, a name, a path; `to` likewise.
 * @throws {DbBackupError} `not-found`, `usage` (also for a backup without a manifest), `damaged`.
 */
export async function diffBackups(
  { from, to, directory }: DiffRequest,
  runtime: Runtime = processRuntime(),
): Promise<BackupDiff> {
  refuseNonName(from, 'from');
  refuseNonName(to, 'to');
  return diff.diffBackups({ from, to, directory: absoluteDirectory(directory, runtime.cwd) }, runtime);
}

/**
 * Writes the SQL of a backup, or of some of its tables or views.
 *
 * @param request.tables Left out: all.
 * @param request.only `schema` or `data`; left out: both.
 * @param request.destination A file, which must not exist; left out: `runtime.stdout`.
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `no-space`, `failed`; then there is no file.
 */
export async function extractBackup(
  { reference, directory, tables, only, destination = { kind: 'stdout' } }: ExtractBackupRequest,
  runtime: Runtime = processRuntime(),
): Promise<Extracted> {
  refuseNonName(reference, 'reference');
  if (tables?.length === 0)
    throw new DbBackupError('usage', 'tables is empty.', {
      hint: 'Leave it out to extract all of the backup.',
    });
  for (const table of tables ?? []) refuseNonName(table, 'tables');
  const { cwd } = runtime;
  return extract.extractBackup(
    {
      ...{ reference, directory: absoluteDirectory(directory, cwd), tables, only },
      destination:
        destination.kind === 'file' ? { kind: 'file', path: resolve(cwd, destination.path) } : destination,
    },
    runtime,
  );
}
