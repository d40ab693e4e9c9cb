import { constants, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DbBackupError } from '../model/errors.ts';

/** An option file without a name, for as long as it is held. */
export interface PrivateOptionFile extends AsyncDisposable {
  /**
   * Hand it to a child as its stdio 3, with `--defaults-file=/dev/fd/3` as the first argument. Any number of
   * children may read it, also at once: opening /dev/fd/3 starts at the beginning each time.
   */
  readonly fd: number;
}

/**
 * Makes an option file that only its descriptor reaches: made 0600 in a 0700 folder of its own, file and folder
 * are removed, and only then is it written. So no kill -9, whenever it comes, leaves a password under any name.
 *
 * @param temporaryFolder TMPDIR, where it is set.
 * @throws {DbBackupError} `failed` when the folder cannot be written.
 */
export async function openPrivateOptionFile(
  text: string,
  temporaryFolder: string = tmpdir(),
): Promise<PrivateOptionFile> {
  let folder: string | undefined;
  let reader: FileHandle | undefined;
  try {
    folder = await mkdtemp(path.join(temporaryFolder, 'dbbackup-')); // mkdtemp(3) makes it 0700
    const file = path.join(folder, 'client.cnf');
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
    const writer = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      reader = await open(file, O_RDONLY | O_NOFOLLOW); // the children need not be able to write it
      await rm(folder, { recursive: true });
      folder = undefined;
      await writer.writeFile(text); // only now that it has no name
    } finally {
      await writer.close();
    }
    const handle = reader;
    return { fd: handle.fd, [Symbol.asyncDispose]: () => handle.close() };
  } catch (cause) {
    await reader?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    throw new DbBackupError('failed', `Cannot write a temporary file in ${temporaryFolder}.`, {
      hint: 'set TMPDIR to a folder that you may write and that has space left',
      cause,
    });
  }
}
