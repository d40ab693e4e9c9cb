import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest, Rehearsal } from './manifest.ts';
import { baseName } from './backup-name.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { openPartialFile } from '../../files/partial-file.ts';
import type { PartialFile } from '../../files/partial-file.ts';
import { isForbidden, type Ownership, ROOT_ID, whyNotTrusted } from '../../files/ownership.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
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

/**
 * Writes a manifest under its partial name and syncs it, to be published together with the file it describes.
 *
 * @param job See `partialPath`.
 */
export async function stageManifest(path: string, manifest: Manifest, job?: string): Promise<PartialFile> {
  const file = await openPartialFile(path, job);
  try {
    await file.write(Buffer.from(render(manifest)));
    await file.sync();
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Adds the outcome of a rehearsal to a backup's manifest, which is otherwise unchanged; only grants that somebody else
 * may have put there are left out, because the new file is ours, and trusted.
 *
 * @param userId Who runs.
 * @param sha256 Of the file that was rehearsed: when it has been replaced in the meantime, nothing is written.
 * @throws {DbBackupError} `damaged` as `readManifest`; `no-space`.
 */
export async function recordRehearsal(
  path: string,
  sha256: string,
  rehearsal: Rehearsal,
  userId: number,
): Promise<void> {
  const { manifest, file } = await readManifest(path);
  if (manifest.file.sha256 !== sha256) return;
  try {
    const grants = (await keepsTrust(path, file, userId)) ? {} : { routineGrants: undefined };
    const text = render({ ...manifest, ...grants, rehearsal });
    await replaceDurably(path, text, { draft: `${path}.${rehearsal.job}.new` });
  } catch (error) {
    // A run that holds the database's lock, which a rehearsal does not, has removed the draft.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return recordRehearsal(path, sha256, rehearsal, userId);
    throw await storageFailure(error, path);
  }
}

/** Whether a file that is written in its place is trusted by nobody who does not trust it now. */
async function keepsTrust(path: string, file: Ownership, userId: number): Promise<boolean> {
  if (whyNotTrusted(file, userId) === undefined) return true;
  const owner = userId === ROOT_ID ? (await stat(dirname(path))).uid : userId;
  return owner === file.ownerId && whyNotTrusted(file, owner) === undefined;
}

/** The backup that a draft of `recordRehearsal` is about, by the draft's name; undefined for any other file. */
export function backupOfDraft(name: string): string | undefined {
  return /^(.+)\.json\.[a-z0-9]+\.new$/.exec(name)?.[1];
}

function render(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
