import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { type KnownServer, isAnotherServer, isSameServer } from '../../server/instance/server-identity.ts';
import { type RoutineGrant, routineKey } from '../../server/privileges/routine-grants.ts';

/**
 * Of a backup, those on routines that its target lacks: the grants went with the routines. What the target's own
 * routines grant stays as it is now, as it does for tables. Another database has its own, another server has other
 * accounts.
 */
export function grantsOfBackup(
  manifest: Manifest | undefined,
  target: {
    readonly database: string;
    readonly routines: readonly string[];
    readonly server: KnownServer;
  },
): readonly RoutineGrant[] {
  if (manifest?.routineGrants === undefined || manifest.database !== target.database) return [];
  const { label, server } = manifest;
  // By whatever way it was reached, a safety backup of a server that does not say who it is was made there.
  const isSafety = label === SAFETY_LABEL && !isAnotherServer(server, target.server);
  if (!isSafety && !isSameServer(server, target.server)) return [];
  const there = new Set(target.routines.map(routineKey));
  return manifest.routineGrants.filter(({ routine }) => !there.has(routineKey(routine)));
}
