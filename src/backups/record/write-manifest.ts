// Apart from reading, which a list does thousands of times and which needs little of this.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Manifest, RecordedVerification, Rehearsal } from './manifest.ts';
import { readManifest } from './manifest-file.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { openPartialFile } from '../../files/partial-file.ts';
import type { PartialFile } from '../../files/partial-file.ts';
import { type Ownership, ROOT_ID, whyNotTrusted } from '../../files/ownership.ts';
import { storageFailure } from '../../files/file-failure.ts';
import { newJobId } from '../../run/job-id.ts';

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
 * Changes what may change in a backup's manifest: what came of a rehearsal and of a verification, and the pin. Only
 * grants that somebody else may have put there are left out, because the new file is ours, and trusted. To be called by one run at a time.
 *
 * @param change undefined: nothing is to be changed after all.
 * @param writer A run's id, for the name of the draft; and who runs.
 * @returns the manifest as it is now.
 * @throws {DbBackupError} `damaged` as `readManifest`; `no-space`.
 */
export async function amendManifest(
  path: string,
  change: (manifest: Manifest) => Partial<Pick<Manifest, 'rehearsal' | 'verification' | 'pin'>> | undefined,
  writer: { readonly id: string; readonly userId: number },
): Promise<Manifest> {
  const { manifest, file } = await readManifest(path);
  const changes = change(manifest);
  if (changes === undefined) return manifest;
  try {
    const grants = (await keepsTrust(path, file, writer.userId)) ? {} : { routineGrants: undefined };
    const amended = { ...manifest, ...grants, ...changes };
    await replaceDurably(path, render(amended), { draft: `${path}.${writer.id}.new` });
    return amended;
  } catch (error) {
    // A run that holds the database's lock, which a rehearsal does not, has removed the draft.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return amendManifest(path, change, writer);
    throw await storageFailure(error, path);
  }
}

/**
 * Adds the outcome of a rehearsal.
 *
 * @param userId Who runs.
 * @param sha256 Of the file that was rehearsed: when it has been replaced in the meantime, nothing is written.
 * @throws as `amendManifest`.
 */
export async function recordRehearsal(
  path: string,
  sha256: string,
  rehearsal: Rehearsal,
  userId: number,
): Promise<void> {
  const change = ({ file }: Manifest): { rehearsal: Rehearsal } | undefined =>
    file.sha256 === sha256 ? { rehearsal } : undefined;
  await amendManifest(path, change, { id: rehearsal.job, userId });
}

/**
 * The same for the outcome of reading it. Where this login may not write, nothing is written.
 *
 * @param sha256 By the manifest that it was read with.
 */
export async function recordVerification(
  path: string,
  sha256: string,
  verification: RecordedVerification,
  userId: number,
): Promise<void> {
  const change = ({ file }: Manifest): { verification: RecordedVerification } | undefined =>
    file.sha256 === sha256 ? { verification } : undefined;
  try {
    await amendManifest(path, change, { id: newJobId(), userId });
  } catch (error) {
    if (!mayNotWrite(error)) throw error;
  }
}

const MAY_NOT_WRITE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Whether it failed because this login, or anybody, may only read there. */
export function mayNotWrite(error: unknown): boolean {
  const { code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return MAY_NOT_WRITE.has(code);
}

/** Whether a file that is written in its place is trusted by nobody who does not trust it now. */
async function keepsTrust(path: string, file: Ownership, userId: number): Promise<boolean> {
  if (whyNotTrusted(file, userId) === undefined) return true;
  const owner = userId === ROOT_ID ? (await stat(dirname(path))).uid : userId;
  return owner === file.ownerId && whyNotTrusted(file, owner) === undefined;
}

/** The backup that a draft of `amendManifest` is about, by the draft's name; undefined for any other file. */
export function backupOfDraft(name: string): string | undefined {
  return /^(.+)\.json\.[a-z0-9]+\.new$/.exec(name)?.[1];
}

function render(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
