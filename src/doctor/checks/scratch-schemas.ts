import prettyBytes from 'pretty-bytes';
import { placesOfJobs } from '../../jobs/read-jobs.ts';
import { readJobFiles } from '../../jobs/record/job-files.ts';
import { measureSchemas, readScratchSchemas } from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Finding } from '../finding/finding.ts';
import { type Job, rehearsalsAmong } from '../../jobs/record/job.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';

/**
 * Schemas of dead restores on the server that no job of this backup directory will recover; the others are separate
 * findings.
 */
export async function examineScratchSchemas(
  directory: string,
  server: Server,
  runtime: Pick<Runtime, 'userId' | 'env' | 'homeDirectory'>,
): Promise<readonly Finding[]> {
  const jobs: Job[] = [];
  for (const place of await placesOfJobs(directory, runtime))
    jobs.push(...(await readJobFiles(place, runtime.userId)).jobs);
  const settleable = new Set(
    jobs.flatMap(({ id, swap, kept }) => (swap === undefined && kept === undefined ? [] : [id])),
  );
  const rehearsals = rehearsalsAmong(jobs);
  const schemas = await readScratchSchemas(server);
  const findings: Finding[] = [];
  for (const job of new Set(schemas.map((schema) => schema.job))) {
    if (settleable.has(job) || !(await isJobLockFree(server, job))) continue;
    const own = await measureSchemas(
      server,
      schemas.filter((schema) => schema.job === job),
    );
    const hasOld = own.some(({ name }) => name === scratchSchemas(job).old);
    findings.push({
      level: 'warning',
      check: 'leftovers',
      message: `${rehearsals.has(job) ? 'An interrupted rehearsal' : 'An interrupted restore from elsewhere'} left ${own.map(({ name, sizeBytes }) => `${name} (${prettyBytes(sizeBytes)})`).join(' and ')} on the server.`,
      why: hasOld
        ? `They hold tables that it was about to swap. Complete it where it was started (restore --resume ${job}); drop them only if nobody needs them.`
        : 'It is a scratch copy; no database was changed.',
      fix: own.map(({ name }) => `DROP DATABASE ${quoteName(name)};`),
    });
  }
  return findings;
}
