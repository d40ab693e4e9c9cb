import { unlessUnreadable } from '../../files/file-failure.ts';
import { readPrivileges } from '../../server/privileges/account-privileges.ts';
import { givesToCreators, readRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import type { Server } from '../../server/connect/server.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { wayTo } from '../../server/connect/connection.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { isReplacing, type Job } from '../../jobs/record/job.ts';
import { untrustedText } from '../../jobs/record/untrusted-job.ts';
import { manifestPathOf } from '../../backups/record/manifest-file.ts';
import { distrustText, whyNotTrusted } from '../../files/ownership.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { grantsOfBackup } from './grants-of-backup.ts';
import { grantText, listed } from '../../server/privileges/routine-grants.ts';
import { grantsOn, grantsWithout, mergedGrants, notGivable } from '../../server/privileges/routine-grants.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import { readLeaving } from '../recover/interrupted-restores.ts';

export interface RoutineStakes {
  readonly server: Server;
  readonly connection: Connection;
  readonly directory: string;
  readonly target: string;
  readonly backup: Backup;
  /** Who runs: whose grants are given. */
  readonly userId: number;
  /** All routines that the target holds. */
  readonly holds: readonly string[];
  /** Those of them that the restore drops. */
  readonly goes: readonly string[];
  /** Those that it makes. */
  readonly brings: readonly string[];
}

/** Grants that a file tells are given only where nobody else can have written that file. */
interface Stakes {
  /** Those that the dropped routines have; undefined: our account may not know. */
  readonly dropped: readonly RoutineGrant[] | undefined;
  /** Those that the new ones should have. */
  readonly wanted: readonly RoutineGrant[];
  /** What was not believed, as a warning each. */
  readonly ignored: readonly string[];
}

async function readStakes(stakes: RoutineStakes): Promise<Stakes> {
  const { server, connection, directory, target, backup, userId, holds, goes, brings } = stakes;
  if (goes.length + brings.length === 0) return { dropped: [], wanted: [], ignored: [] };
  const there = await readRoutineGrants(server, target);
  // What a restore in place that was interrupted has dropped, and not yet given back.
  // Who may only read backups may perhaps not read the jobs; what those have left is not this run's to give back.
  const jobs = await unlessUnreadable(readLeaving(directory, target, userId), []);
  const left = jobs.filter(isReplacing);
  const owed = left.flatMap(({ replacing }) => replacing.grants ?? []);
  const here = { ...wayTo(connection.endpoint), ...(await readServerIdentity(server)) };
  const told = grantsOfBackup(backup.manifest, { database: target, routines: holds, server: here });
  const ofBackup = grantsOn(told, brings);
  const doubt = backup.manifestFile && whyNotTrusted(backup.manifestFile, userId);
  return {
    dropped: there && grantsOn([...there, ...owed], goes),
    wanted: mergedGrants([
      ...grantsOn([...(there ?? []), ...owed], brings),
      ...(doubt === undefined ? ofBackup : []),
    ]),
    ignored: [
      ...left.flatMap((job) => untrustedJobText(job, directory)),
      ...(backup.manifestFile && doubt && ofBackup.length > 0
        ? [
            `Privileges on routines that the backup's manifest lists are not granted: ${manifestPathOf(backup.path)} ${distrustText(doubt, backup.manifestFile.ownerId)}. It lists: ${listed(ofBackup.map(grantText))}.`,
          ]
        : []),
    ],
  };
}

function untrustedJobText(job: Job, directory: string): readonly string[] {
  const { id, untrusted } = job;
  if (untrusted === undefined) return [];
  return [
    `Privileges on routines that the interrupted restore ${id} may have dropped are not granted: ${untrustedText(job, untrusted, directory)}.`,
  ];
}

/** The grants that are to be given when the routines are made; read before the first of them is dropped. */
export async function readGrantsToKeep(stakes: RoutineStakes): Promise<readonly RoutineGrant[]> {
  const { dropped = [], wanted } = await readStakes(stakes);
  return mergedGrants([...wanted, ...dropped]);
}

/** What a restore will not keep of the grants on routines, as far as it can be told before it begins. */
export async function warnOfRoutineGrants(
  stakes: RoutineStakes,
  safetyBackup: 'made' | 'not-needed' | 'declined',
): Promise<readonly string[]> {
  const { server, target, goes, brings } = stakes;
  const { dropped, wanted, ignored } = await readStakes(stakes);
  const { account, privileges } = await readPrivileges(server);
  const who = quoteAccount(account);
  const texts = (grants: readonly RoutineGrant[]): string => listed(grants.map(grantText));
  const warnings = [...ignored];
  if (dropped === undefined && goes.length > 0) {
    warnings.push(
      `Privileges granted on single routines of ${target} (GRANT … ON PROCEDURE …) will be lost, because ${who} may not read them: ${listed(goes)}. To keep them: GRANT SELECT ON mysql.procs_priv TO ${who};`,
    );
  }
  const lost = notGivable(wanted, privileges, target);
  if (lost.length > 0) {
    const names = [...new Set(['GRANT OPTION', ...lost.flatMap((grant) => grant.privileges)])];
    const missing = names.filter((name) => !privileges.on(target, name)).join(', ');
    warnings.push(
      `Privileges on single routines of ${target} will be lost, because ${who} may not grant them: ${texts(lost)}. To keep them: GRANT ${missing} ON ${quoteName(target)}.* TO ${who};`,
    );
  }
  const gone = grantsWithout(dropped ?? [], wanted);
  if (safetyBackup === 'declined' && gone.length > 0) {
    warnings.push(`Privileges on routines that are removed will be lost: ${texts(gone)}.`);
  }
  const lacking = ['EXECUTE', 'ALTER ROUTINE'].filter((name) => !privileges.on(target, name));
  if (brings.length > 0 && lacking.length > 0 && (await givesToCreators(server))) {
    warnings.push(
      `The server will grant EXECUTE and ALTER ROUTINE to ${who} on each routine that it makes (automatic_sp_privileges): ${listed(brings)}.`,
    );
  }
  return warnings;
}
