import { amendJobFile, readJobFiles } from '../../jobs/record/job-files.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Runtime } from '../../run/runtime.ts';
import { accountText, dropLoadAccount, readLoadAccounts } from '../../server/change/load-accounts.ts';
import { describeEndpoint, type Connection } from '../../server/connect/connection.ts';
import { wasRefused } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';

/**
 * Removes the accounts that loaded the rows of dead restores and rehearsals, from wherever they were run; where this
 * account may not read which there are, those that the jobs of the backup directory have noted.
 */
export async function removeLeftLoadAccounts(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  server: Server,
  { onProgress, userId }: Pick<Runtime, 'onProgress' | 'userId'>,
): Promise<void> {
  const { jobs } = await readJobFiles(directory, userId);
  const here = describeEndpoint(connection.endpoint);
  const noted = jobs.filter(({ loadAccount, server }) => loadAccount !== undefined && server === here);
  const seen = await readLoadAccounts(server);
  const names =
    seen?.map((account) => ({ job: account.job, who: accountText(account) })) ??
    noted.map(({ id, loadAccount = '' }) => ({ job: id, who: loadAccount }));
  const kept = new Set<string>();
  for (const { job, who } of names) {
    if (!(await isJobLockFree(server, job))) {
      kept.add(who);
      continue;
    }
    try {
      await dropLoadAccount(server, who);
      const isKnown = noted.some(({ id }) => id === job);
      const message = `Removed ${who}, the load account of an interrupted run.`;
      onProgress({ kind: isKnown ? 'warning' : 'detail', message });
    } catch (error) {
      if (!wasRefused(error)) throw error;
      kept.add(who);
      const message = `${who}, the load account of an interrupted run, could not be removed; the next restore tries again. Or type: DROP USER IF EXISTS ${who}; (${(error as Error).message})`;
      onProgress({ kind: 'warning', message });
    }
  }
  // Also of a run that died before it had made its account.
  for (const job of noted) {
    if (!kept.has(job.loadAccount ?? '') && (await isJobLockFree(server, job.id)))
      await amendJobFile(directory, { ...job, loadAccount: undefined });
  }
}
