import { DbBackupError } from '../../run/errors.ts';
import type { Manifest } from './manifest.ts';
import { baseName } from './backup-name.ts';
import { isForbidden, type Ownership } from '../../files/ownership.ts';
import { readFailure } from '../../files/file-failure.ts';
import { type RecordFile, readRecordFile, UnfitFileError } from '../../files/record-file.ts';

/** The manifest is next to its file, under the same name. */
export function manifestPathOf(path: string): string {
  const nameAt = path.lastIndexOf('/') + 1;
  return `${path.slice(0, nameAt)}${baseName(path.slice(nameAt))}.json`;
}

let parseManifest: ((content: unknown) => Manifest) | undefined;

/** A manifest, and who could have written it. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly file: Ownership;
}

/**
 * Reads a manifest and checks it.
 *
 * @param followsLink For a backup elsewhere, which may be given as links; in the backup directory they are not ours.
 * @throws {DbBackupError} `damaged`, saying in a clause what is wrong with it; `no-space` when permission denied.
 */
export async function readManifest(path: string, { followsLink = false } = {}): Promise<ReadManifest> {
  // Loaded when first needed, and only once, because even a repeated import() is slow in a list of thousands.
  parseManifest ??= (await import('./manifest-schema.ts')).parseManifest;
  let file: RecordFile;
  let content: unknown;
  try {
    file = readRecordFile(path, { followsLink });
    content = JSON.parse(file.text);
  } catch (cause) {
    if (isForbidden(cause)) throw readFailure(cause, path);
    throw new DbBackupError('damaged', `its manifest ${problemIn(cause)}`, { cause });
  }
  try {
    const { ownerId, mode } = file;
    return { manifest: parseManifest(content), file: { ownerId, mode } };
  } catch (cause) {
    throw new DbBackupError('damaged', `its manifest is invalid at ${(cause as Error).message}`, { cause });
  }
}

function problemIn(cause: unknown): string {
  if (cause instanceof UnfitFileError) return cause.message;
  return cause instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(cause as Error).message})`;
}
