import { amendJobFile, readJobFiles } from '../../jobs/record/job-files.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Runtime } from '../../run/runtime.ts';
import { accountText, dropLoadAccount, readLoadAccounts } from '../../server/change/load-accounts.ts';
import { describeEndpoint, type Connection } from '../../server/connect/connection.ts';
import { wasRefused } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';

/** Removes the accounts that loaded the rows of dead restores and rehearsals, from wherever they were run. */
export async function removeLeftLoadAccounts(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  server: Server,
  { onProgress, userId }: Pick<Runtime, 'onProgress' | 'userId'>,
): Promise<void> {
  const accounts = await readLoadAccounts(server);
  if (accounts === undefined) return;
  const { jobs } = await readJobFiles(directory, userId);
  const kept = new Set<string>();
  for (const account of accounts) {
    const who = accountText(account);
    if (!(await isJobLockFree(server, account.job))) {
      kept.add(who);
      continue;
    }
    try {
      await dropLoadAccount(server, account);
      const isKnown = jobs.some(({ loadAccount }) => loadAccount === who);
      const message = `Removed ${who}, the load account of an interrupted run.`;
      onProgress({ kind: isKnown ? 'warning' : 'detail', message });
    } catch (error) {
      if (!wasRefused(error)) throw error;
      kept.add(who);
      const message = `${who}, the load account of an interrupted run, cannot be removed. Or type: DROP USER ${who}; (${(error as Error).message})`;
      onProgress({ kind: 'warning', message });
    }
  }
  // Or it was killed before it had made it.
  const here = describeEndpoint(connection.endpoint);
  for (const job of jobs) {
    const isGone = job.loadAccount !== undefined && job.server === here && !kept.has(job.loadAccount);
    if (isGone && (await isJobLockFree(server, job.id)))
      await amendJobFile(directory, { ...job, loadAccount: undefined });
  }
}
