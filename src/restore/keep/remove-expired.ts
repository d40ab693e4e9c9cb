import { isBringingBack, type KeepingJob } from '../../jobs/record/keeping-job.ts';
import { readKeeping } from '../../jobs/read-kept.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { type Connection, describeEndpoint } from '../../server/connect/connection.ts';
import type { Server } from '../../server/connect/server.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { readInterruptedRestores } from '../recover/interrupted-restores.ts';
import { dropKept } from './end-swap.ts';

/**
 * Drops previous tables of a database whose time is over. To be called with the lock of that database held. What
 * cannot be dropped is a warning.
 *
 * @param session Opened only where there are some.
 */
export async function removeExpired(
  place: { readonly connection: Connection; readonly directory: string; readonly database: string },
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { directory, database } = place;
  const now = runtime.now().toISOString();
  const expired = (await readKeeping(directory, runtime.userId)).filter(
    (job) => job.database === database && job.kept.until <= now,
  );
  if (expired.length === 0) return;
  const interrupted = await readInterruptedRestores(directory, database, runtime.userId);
  const server = await session.open();
  for (const job of expired) {
    if (interrupted.some((other) => isBringingBack(other, job.id))) continue;
    if (!(await isKeptHere(job, place.connection, server))) continue;
    const schema = scratchSchemas(job.id).old;
    try {
      await dropKept(server, { directory, job: job.id, schema }, runtime);
      const message = `Removed ${schema}: the time is over for which the tables of ${database} before the restore ${job.id} were kept.`;
      runtime.onProgress({ kind: 'note', message });
    } catch (error) {
      const message = `${schema}, tables of ${database} before the restore ${job.id}, could not be removed; the next create or restore tries again. (${(error as Error).message})`;
      runtime.onProgress({ kind: 'warning', message });
    }
  }
}

/** Whether the tables are on this server; where neither tells which it is, the way to it decides. */
export async function isKeptHere(
  { kept }: KeepingJob,
  connection: Connection,
  server: Server,
): Promise<boolean> {
  const { identity } = await readServerIdentity(server);
  if (kept.server !== undefined && identity !== undefined) return kept.server === identity;
  return kept.endpoint === describeEndpoint(connection.endpoint);
}
