import type { FileHandle } from 'node:fs/promises';

/**
 * Closes a file that was only read, or is discarded anyway. On a failing disk or a network share even closing may
 * fail, which says nothing about the run and must not turn a success into a failure.
 */
export async function closeQuietly(handle: FileHandle | undefined): Promise<void> {
  await handle?.close().catch(() => undefined);
}
