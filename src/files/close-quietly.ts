import type { FileHandle } from 'node:fs/promises';

/**
 * Closes what was only read, or is thrown away anyway. A failing disk or a network share may fail even that, which
 * says nothing of what the run has done, and must not turn a success into a failure.
 */
export async function closeQuietly(handle: FileHandle | undefined): Promise<void> {
  await handle?.close().catch(() => undefined);
}
