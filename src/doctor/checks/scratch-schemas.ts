import prettyBytes from 'pretty-bytes';
import { readJobsOfSchemas } from '../../jobs/jobs-of-schemas.ts';
import { measureSchemas, readScratchSchemas } from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Finding } from '../finding/finding.ts';
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
  const { restores, rehearsals, unreadable } = await readJobsOfSchemas(directory, runtime);
  const schemas = await readScratchSchemas(server);
  const findings: Finding[] = [];
  for (const job of new Set(schemas.map((schema) => schema.job))) {
    if (restores.has(job) || !(await isJobLockFree(server, job))) continue;
    const own = await measureSchemas(
      server,
      schemas.filter((schema) => schema.job === job),
    );
    const names = own.map(({ name, sizeBytes }) => `${name} (${prettyBytes(sizeBytes)})`).join(' and ');
    if (unreadable.has(job)) {
      findings.push({
        ...{ level: 'warning', check: 'leftovers', message: `There is ${names} on the server.` },
        why: `The state file of its job ${job} cannot be read, so nothing is done about it.`,
      });
      continue;
    }
    const [told, why] = toldOf(
      job,
      own.map(({ name }) => name),
      rehearsals.has(job),
    );
    findings.push({
      level: 'warning',
      check: 'leftovers',
      message: `${told} ${names} on the server.`,
      why,
      fix: own.map(({ name }) => `DROP DATABASE ${quoteName(name)};`),
    });
  }
  return findings;
}

/** Who left the schemas of a job, and what they are. */
function toldOf(
  job: string,
  names: readonly string[],
  isRehearsal: boolean,
): readonly [told: string, why: string] {
  const hasOld = names.includes(scratchSchemas(job).old);
  if (hasOld && names.length === 1)
    return [
      'A restore from elsewhere keeps or left',
      `It holds what a database had before. To see what it is, run this where the restore was started: status ${job}. Drop it only if nobody needs it.`,
    ];
  const told = `${isRehearsal ? 'An interrupted rehearsal' : 'An interrupted restore from elsewhere'} left`;
  const why = hasOld
    ? `They hold tables that it was about to swap. Complete it where it was started (restore --resume ${job}); drop them only if nobody needs them.`
    : 'It is a scratch copy; no database was changed.';
  return [told, why];
}
