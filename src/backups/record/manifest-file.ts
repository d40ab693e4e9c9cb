import { DbBackupError } from '../../run/errors.ts';
import type { Manifest, Rehearsal } from './manifest.ts';
import { baseName } from './backup-name.ts';
import { replaceDurably } from '../../files/durable-file.ts';
import { openPartialFile } from '../../files/partial-file.ts';
import type { PartialFile } from '../../files/partial-file.ts';
import { isForbidden } from '../../files/ownership.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { readTextFile } from '../../files/text-file.ts';

/** The manifest is next to its file, under the same name. */
export function manifestPathOf(path: string): string {
  const nameAt = path.lastIndexOf('/') + 1;
  return `${path.slice(0, nameAt)}${baseName(path.slice(nameAt))}.json`;
}

let parseManifest: ((content: unknown) => Manifest) | undefined;

/**
 * Reads a manifest and checks it.
 *
 * @throws {DbBackupError} `damaged`, saying in a clause what is wrong with it; `no-space` when permission denied.
 */
export async function readManifest(path: string): Promise<Manifest> {
  // Loaded when first needed, and only once, because even a repeated import() is slow in a list of thousands.
  parseManifest ??= (await import('./manifest-schema.ts')).parseManifest;
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(path));
  } catch (cause) {
    if (isForbidden(cause)) throw readFailure(cause, path);
    const reason =
      cause instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(cause as Error).message})`;
    throw new DbBackupError('damaged', `its manifest ${reason}`, { cause });
  }
  try {
    return parseManifest(content);
  } catch (cause) {
    throw new DbBackupError('damaged', `its manifest is invalid at ${(cause as Error).message}`, { cause });
  }
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
 * Adds the outcome of a rehearsal to a backup's manifest, which is otherwise unchanged.
 *
 * @param sha256 Of the file that was rehearsed: when it has been replaced in the meantime, nothing is written.
 * @throws {DbBackupError} `damaged` as `readManifest`; `no-space`.
 */
export async function recordRehearsal(path: string, sha256: string, rehearsal: Rehearsal): Promise<void> {
  const manifest = await readManifest(path);
  if (manifest.file.sha256 !== sha256) return;
  try {
    await replaceDurably(path, render({ ...manifest, rehearsal }), `${path}.${rehearsal.job}.new`);
  } catch (error) {
    // A run that holds the database's lock, which a rehearsal does not, has removed the draft.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return recordRehearsal(path, sha256, rehearsal);
    throw await storageFailure(error, path);
  }
}

/** The backup that a draft of `recordRehearsal` is about, by the draft's name; undefined for any other file. */
export function backupOfDraft(name: string): string | undefined {
  return /^(.+)\.json\.[a-z0-9]+\.new$/.exec(name)?.[1];
}

function render(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
