import { isJobLockFree } from '../../locks/server-lock.ts';
import { accountText, readLoadAccounts } from '../../server/change/load-accounts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Finding } from '../finding/finding.ts';

/** Accounts on the server that loaded the rows of dead restores and rehearsals. */
export async function examineLoadAccounts(server: Server): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const account of (await readLoadAccounts(server)) ?? []) {
    if (!(await isJobLockFree(server, account.job))) continue;
    const who = accountText(account);
    findings.push({
      level: 'warning',
      check: 'leftovers',
      message: `An interrupted restore or rehearsal left the account ${who} on the server.`,
      why: 'It could fill one schema; its password is known to nobody any more. The next restore removes it.',
      fix: [`DROP USER ${who};`],
    });
  }
  return findings;
}
