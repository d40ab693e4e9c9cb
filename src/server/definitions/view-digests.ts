import { createHash } from 'node:crypto';
import { wordsOfView } from '../../sql/definitions/view-text.ts';
import type { Server } from '../connect/server.ts';
import { describeView, readAsDumpTools } from './show-create.ts';

/**
 * Of each view, sha256 of what it selects as SHOW CREATE VIEW says it, whatever its database is called. Not of what
 * the account may not see.
 *
 * @param databases What the database is called, and was.
 */
export async function readViewDigests(
  server: Server,
  schema: string,
  views: readonly string[],
  databases: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  if (views.length === 0) return digests;
  await readAsDumpTools(server, schema);
  for (const name of views) {
    const text = await describeView(server, name);
    if (text === undefined) continue;
    const words = wordsOfView(text, databases).join('\0');
    digests.set(name, createHash('sha256').update(words).digest('hex'));
  }
  return digests;
}
