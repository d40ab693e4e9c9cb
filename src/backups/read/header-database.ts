import type { BackupFile } from './backup-file.ts';
import { databaseOfHeader } from '../../sql/dump-comments.ts';
import type { Runtime } from '../../run/runtime.ts';

/** Dump programs name the database in their first lines. */
const HEADER_BYTES = 16_384;

/**
 * @returns the database named in the comments at the head of a dump; undefined when there is none, or nothing can be
 * read.
 */
export async function headerDatabase(
  file: Pick<BackupFile, 'readSql'>,
  { env, signal }: Pick<Runtime, 'env' | 'signal'>,
): Promise<string | undefined> {
  let head = '';
  try {
    for await (const chunk of file.readSql(() => undefined, { env, signal })) {
      head += chunk.toString('utf8');
      if (head.length >= HEADER_BYTES) break;
    }
  } catch {
    signal.throwIfAborted();
  }
  for (const line of head.slice(0, HEADER_BYTES).split('\n')) {
    const database = databaseOfHeader(line);
    if (database !== undefined) return database;
    if (line !== '' && !/^(?:--|#|\/\*)/.test(line)) return undefined;
  }
  return undefined;
}
