import { createHash, type Hash } from 'node:crypto';
import type { Runtime } from '../../run/runtime.ts';
import type { Manifest } from '../record/manifest.ts';
import type { BackupFile } from './backup-file.ts';
import { damaged } from './damaged.ts';

/** A piece of a file, as it is on disk. */
interface ByteRange {
  readonly offsetBytes: number;
  readonly endBytes: number;
}

/**
 * Proves that a file is unchanged since it was written, whatever is in it.
 *
 * @param ranges Disjoint.
 * @returns the sha256 of each, by where it starts: what is read of it later must have the same.
 * @throws {DbBackupError} `damaged`; the signal's reason.
 */
export async function proveWhole(
  file: BackupFile,
  manifest: Manifest,
  ranges: readonly ByteRange[],
  runtime: Runtime,
): Promise<ReadonlyMap<number, string>> {
  const whole = createHash('sha256');
  const digests = new RangeDigests(ranges);
  let doneBytes = 0;
  for await (const bytes of file.readRaw(0)) {
    runtime.signal.throwIfAborted();
    whole.update(bytes);
    digests.push(bytes);
    doneBytes += bytes.length;
    runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: file.sizeBytes });
  }
  if (whole.digest('hex') !== manifest.file.sha256)
    throw damaged(file.path, 'was changed: its sha256 differs from the manifest');
  return digests.found;
}

class RangeDigests {
  readonly found = new Map<number, string>();
  readonly #ranges: readonly ByteRange[];
  #next = 0;
  #hash: Hash | undefined;
  #at = 0;

  constructor(ranges: readonly ByteRange[]) {
    this.#ranges = [...ranges].sort((a, b) => a.offsetBytes - b.offsetBytes);
  }

  push(bytes: Buffer): void {
    const base = this.#at;
    this.#at += bytes.length;
    for (let range = this.#ranges[this.#next]; range !== undefined; range = this.#ranges[this.#next]) {
      if (range.offsetBytes >= this.#at) return;
      this.#hash ??= createHash('sha256');
      this.#hash.update(bytes.subarray(Math.max(0, range.offsetBytes - base), range.endBytes - base));
      if (range.endBytes > this.#at) return;
      this.found.set(range.offsetBytes, this.#hash.digest('hex'));
      this.#hash = undefined;
      this.#next++;
    }
  }
}
