import { readJobsOfSchemas } from '../../jobs/jobs-of-schemas.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { readScratchSchemas, dropScratchSchema } from '../../server/change/scratch-schemas.ts';
import { ServerStatementError } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { listed, readSchemasOf } from './schemas-of-job.ts';

/**
 * Removes staging schemas of dead rehearsals, and of dead restores that are unknown in this backup directory and its
 * stand-in: runs from other hosts and directories. Where the schema for the old tables exists as well, a swap had begun;
 * then both are only named, because that run's journal is elsewhere.
 *
 * @param place.used Where this run writes, if it may only read the backup directory.
 */
export async function removeOrphanedSchemas(
  { directory, used }: { readonly directory: string; readonly used: string },
  server: Server,
  runtime: Runtime,
): Promise<void> {
  const { restores, rehearsals, unreadable } = await readJobsOfSchemas(directory, runtime, used);
  const strange = (await readScratchSchemas(server))
    .map(({ job }) => job)
    .filter((job) => !restores.has(job) && !unreadable.has(job));
  for (const job of new Set(strange)) {
    if (!(await isJobLockFree(server, job))) continue;
    // Read again: it may have made the other one and died since.
    const schemas = await readSchemasOf(server, job);
    if (schemas.length === 0) continue; // another run has just removed it
    const isStage = schemas.every(({ name }) => name !== scratchSchemas(job).old);
    const names = listed(schemas);
    const drops = schemas.map(({ name }) => `DROP DATABASE ${quoteName(name)};`).join(' ');
    try {
      if (isStage) for (const { name } of schemas) await dropScratchSchema(server, name, []);
    } catch (error) {
      if (!(error instanceof ServerStatementError)) throw error;
      const message = `${names}of an interrupted restore from elsewhere cannot be removed; the next restore tries again. Or type: ${drops} (${error.message})`;
      runtime.onProgress({ kind: 'warning', message });
      continue;
    }
    runtime.onProgress({
      kind: 'warning',
      message: isStage
        ? `Removed ${names}, the staging schema of ${rehearsals.has(job) ? 'an interrupted rehearsal' : 'an interrupted restore from elsewhere'}.`
        : schemas.length === 1
          ? `${names}: previous tables of a restore from elsewhere, which it keeps or left. What they are tells, where it was started: status ${job}. If nobody needs them: ${drops}`
          : `${names}: tables of an interrupted restore from elsewhere. To complete it or roll it back, run this where it was started: restore --resume ${job}. If nobody needs them: ${drops}`,
    });
  }
}
