import { inspectFolder } from '../../files/folders.ts';
import { DbBackupError } from '../../run/errors.ts';
import { shellWord } from '../../run/shell-command.ts';

/**
 * Where every user may write, anybody may have put the backup there, or may replace what brings it back. A sticky bit
 * protects only files that exist.
 *
 * @throws {DbBackupError} `unsafe`.
 */
export async function refuseSharedFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const state = await inspectFolder(folder);
    if (state === undefined || (state.mode & 0o002) === 0) continue;
    throw new DbBackupError(
      'unsafe',
      `Every user may write to ${folder}, so anybody may have put there what would be restored. Nothing was touched.`,
      {
        hint: `Check what is in it, then:\nchmod o-w ${shellWord(folder)}\nOr copy the backup into a directory that only you can write to, and name that with --dir.`,
      },
    );
  }
}
