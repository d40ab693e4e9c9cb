import { isBringingBack, type KeepingJob } from '../../jobs/record/keeping-job.ts';
import { readKeeping } from '../../jobs/read-kept.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { type Connection, describeEndpoint } from '../../server/connect/connection.ts';
import type { Server } from '../../server/connect/server.ts';
import { isSurelyGone } from '../../server/change/scratch-schemas.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { readInterruptedRestores } from '../recover/interrupted-restores.ts';
import { dropKept, forgetKept } from './end-swap.ts';

/**
 * Drops previous tables of a database whose time is over, and forgets those that somebody has removed. To be called
 * with the lock of that database held. What cannot be dropped is a warning.
 *
 * @param session Opened only where there are some.
 */
export async function removeExpired(
  place: { readonly connection: Connection; readonly directory: string; readonly database: string },
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { connection, directory, database } = place;
  const keeping = (await readKeeping(directory, runtime.userId)).filter((job) => job.database === database);
  if (keeping.length === 0) return;
  const interrupted = await readInterruptedRestores(directory, database, runtime.userId);
  const server = await session.open();
  for (const job of keeping) {
    if (interrupted.some((other) => isBringingBack(other, job.id))) continue;
    if (!(await isKeptHere(job, connection, server))) continue;
    const schema = scratchSchemas(job.id).old;
    if (await isSurelyGone(server, schema)) {
      await forgetKept(directory, job.id, runtime);
      const message = `${schema}, tables of ${database} before the restore ${job.id}, is not on the server any more.`;
      runtime.onProgress({ kind: 'note', message });
    } else if (job.kept.until <= runtime.now().toISOString())
      await drop(server, { directory, job, schema }, runtime);
  }
}

async function drop(
  server: Server,
  {
    directory,
    job,
    schema,
  }: { readonly directory: string; readonly job: KeepingJob; readonly schema: string },
  runtime: Runtime,
): Promise<void> {
  const { id, database } = job;
  try {
    await dropKept(server, { directory, job: id, schema }, runtime);
    const message = `Removed ${schema}: the time is over for which the tables of ${database} before the restore ${id} were kept.`;
    runtime.onProgress({ kind: 'note', message });
  } catch (error) {
    const message = `${schema}, tables of ${database} before the restore ${id}, could not be removed; the next create or restore tries again. (${(error as Error).message})`;
    runtime.onProgress({ kind: 'warning', message });
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
