import { amendJobFile, readJobFile } from '../../jobs/record/job-files.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import type { Runtime } from '../../run/runtime.ts';
import { accountText, dropLoadAccount, readLoadAccounts } from '../../server/change/load-accounts.ts';
import { wasRefused } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';

/** Removes the accounts that loaded the rows of dead restores and rehearsals, from wherever they were run. */
export async function removeLeftLoadAccounts(
  directory: string,
  server: Server,
  { onProgress, userId }: Pick<Runtime, 'onProgress' | 'userId'>,
): Promise<void> {
  for (const account of await readLoadAccounts(server)) {
    if (!(await isJobLockFree(server, account.job))) continue;
    const who = accountText(account);
    try {
      await dropLoadAccount(server, account);
      const job = await readJobFile(directory, account.job, userId).catch(() => undefined);
      const message = `Removed ${who}, the load account of an interrupted run.`;
      onProgress({ kind: job === undefined ? 'detail' : 'warning', message });
      if (job !== undefined) await amendJobFile(directory, { ...job, loadAccount: undefined });
    } catch (error) {
      if (!wasRefused(error)) throw error;
      const message = `${who}, the load account of an interrupted run, cannot be removed. Or type: DROP USER ${who}; (${(error as Error).message})`;
      onProgress({ kind: 'warning', message });
    }
  }
}
