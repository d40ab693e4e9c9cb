import { constants, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DbBackupError } from '../run/errors.ts';
import { closeQuietly } from '../files/close-quietly.ts';

/** An option file without a name, for as long as it is held. */
export interface PrivateOptionFile extends AsyncDisposable {
  /**
   * Hand it to a child as its stdio 3, with `--defaults-file=/dev/fd/3` as the first argument. Any number of
   * children may read it, also at once: opening /dev/fd/3 starts at the beginning each time.
   */
  readonly fd: number;
}

/**
 * Creates an option file that can be reached only through its descriptor, and has no name when it is written. So a
 * kill -9 never leaves a password on disk.
 *
 * @param temporaryFolder TMPDIR, where it is set.
 * @throws {DbBackupError} `failed` when the folder cannot be written.
 */
export async function openPrivateOptionFile(
  text: string,
  temporaryFolder: string = tmpdir(),
): Promise<PrivateOptionFile> {
  try {
    const { writer, reader } = await openNeverNamed(temporaryFolder).catch(() =>
      openUnlinked(temporaryFolder),
    );
    try {
      await writer.writeFile(text);
    } catch (error) {
      await closeQuietly(reader);
      throw error;
    } finally {
      await writer.close();
    }
    return { fd: reader.fd, [Symbol.asyncDispose]: () => closeQuietly(reader) };
  } catch (cause) {
    throw new DbBackupError('failed', `Cannot write a temporary file in ${temporaryFolder}.`, {
      hint: 'set TMPDIR to a writable directory with free space',
      cause,
    });
  }
}

/** One file, opened twice, because the children need not write to it. */
interface Opened {
  readonly writer: FileHandle;
  readonly reader: FileHandle;
}

/**
 * Linux's O_TMPFILE, which Node does not name: never has a name, so that not even an empty folder can be left behind.
 */
const UNNAMED = 0o20000000 | constants.O_DIRECTORY;

/** @throws {Error} where the system or the file system does not know such files. */
async function openNeverNamed(folder: string): Promise<Opened> {
  const writer = await open(folder, UNNAMED | constants.O_RDWR, 0o600);
  try {
    return { writer, reader: await open(`/proc/self/fd/${writer.fd}`, constants.O_RDONLY) };
  } catch (error) {
    await closeQuietly(writer);
    throw error;
  }
}

/** Created 0600 in its own 0700 folder; file and folder are removed before anything is written. */
async function openUnlinked(temporaryFolder: string): Promise<Opened> {
  const folder = await mkdtemp(path.join(temporaryFolder, 'dbbackup-')); // mkdtemp(3) makes it 0700
  let writer: FileHandle | undefined;
  let reader: FileHandle | undefined;
  try {
    const file = path.join(folder, 'client.cnf');
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
    writer = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    reader = await open(file, O_RDONLY | O_NOFOLLOW);
    await rm(folder, { recursive: true });
    return { writer, reader };
  } catch (error) {
    await closeQuietly(writer);
    await closeQuietly(reader);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
