// Apart from reading, which a list does thousands of times and which needs little of this.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Manifest, Rehearsal } from './manifest.ts';
import { readManifest } from './manifest-file.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { openPartialFile } from '../../files/partial-file.ts';
import type { PartialFile } from '../../files/partial-file.ts';
import { type Ownership, ROOT_ID, whyNotTrusted } from '../../files/ownership.ts';
import { storageFailure } from '../../files/file-failure.ts';

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
