import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { prepareDirectory } from './prepare-directory.ts';
import { databaseFolder } from './layout.ts';
import { inspectFolder } from '../../files/folders.ts';
import { jobFolder } from './layout.ts';
import { DbBackupError } from '../../run/errors.ts';
import { folderOfDatabase } from '../record/backup-name.ts';
import type { Runtime } from '../../run/runtime.ts';

/** Of a name in a folder. */
const LONGEST_BYTES = 200;

/**
 * Where runs of this login write when it may only read a backup directory: job files, locks, safety backups. It has
 * the layout of a backup directory, so that `--dir` may name it.
 *
 * @returns undefined where the login has no folder for it.
 */
export function standInPath(
  directory: string,
  { env, homeDirectory }: Pick<Runtime, 'env' | 'homeDirectory'>,
): string | undefined {
  const given = env['XDG_STATE_HOME'] ?? '';
  const state = isAbsolute(given) ? given : homeDirectory && join(homeDirectory, '.local/state');
  if (state === undefined) return undefined;
  const name = folderOfDatabase(directory);
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(
    state,
    'dbbackup',
    name.length > LONGEST_BYTES ? `${name.slice(0, LONGEST_BYTES)}-${hash}` : name,
  );
}

/** The same, if it exists. */
export async function standInOf(
  directory: string,
  runtime: Pick<Runtime, 'env' | 'homeDirectory'>,
): Promise<string | undefined> {
  const path = standInPath(directory, runtime);
  return path === undefined || (await inspectFolder(path)) === undefined ? undefined : path;
}

/** Where jobs of this login may be recorded: the backup directory itself, and its stand-in if it exists. */
export async function placesOfJobs(
  directory: string,
  runtime: Pick<Runtime, 'env' | 'homeDirectory'>,
): Promise<readonly string[]> {
  const standIn = await standInOf(directory, runtime);
  return standIn === undefined ? [directory] : [directory, standIn];
}

/**
 * The directory that a run can write to: the backup directory itself, or its stand-in. Creates nothing.
 *
 * @param database Whose folder is written to, if one is.
 */
export async function chooseWritable(
  { directory, database }: { readonly directory: string; readonly database: string | undefined },
  runtime: Pick<Runtime, 'env' | 'homeDirectory'>,
): Promise<string> {
  const whole = await inspectFolder(directory);
  if (whole === undefined || whole.writable) return directory;
  const needed = [
    jobFolder(directory),
    ...(database === undefined ? [] : [databaseFolder(directory, database)]),
  ];
  const states = await Promise.all(needed.map(inspectFolder));
  if (states.every((state) => state?.writable === true)) return directory;
  return standInPath(directory, runtime) ?? directory;
}

/**
 * The same, created and reported.
 *
 * @param backup The path of the backup that is read, for a hint about where to keep the safety backup.
 * @throws {DbBackupError} `no-space` when neither can be written to, with an alternative.
 */
export async function takeWritable(
  request: Parameters<typeof chooseWritable>[0] & { readonly backup: string },
  runtime: Runtime,
): Promise<string> {
  const { directory, backup } = request;
  const chosen = await chooseWritable(request, runtime);
  if (chosen === directory) return directory;
  try {
    await prepareDirectory(chosen);
  } catch (cause) {
    if (!(cause instanceof DbBackupError)) throw cause;
    throw new DbBackupError(
      'no-space',
      `You may not write to ${directory}, and there is nowhere else to keep job files and safety backups: ${cause.message}`,
      { hint: elsewhereHint(backup), cause },
    );
  }
  runtime.onProgress({
    kind: 'warning',
    message: `You may not write to ${directory}: job files and safety backups are kept in ${chosen}`,
  });
  return chosen;
}

/** Where to write instead when there is no space or no permission. */
export function elsewhereHint(backup: string): string {
  return `Choose another directory for them with --dir, or set XDG_STATE_HOME. With --dir, name the backup by its path:\n${backup}`;
}

/** Arguments that select a backup directory and a server, with another directory. */
export function withDirectory(sameServer: readonly string[], directory: string): readonly string[] {
  const at = sameServer.indexOf('--dir');
  return at < 0 ? sameServer : sameServer.with(at + 1, directory);
}
