import { backupReference, type Backup } from '../../backups/record/backup.ts';
import type { Rehearsal } from '../../backups/record/manifest.ts';
import { isInFuture, type DatabaseHistory } from './history.ts';

type Backups = Pick<DatabaseHistory, 'backups'>;

interface Rehearsed extends Rehearsal {
  readonly backup: Backup;
}

/** The newest rehearsal of any of the backups, whatever came of it. Here and below, none that is dated in the future. */
export function lastRehearsed({ backups }: Backups, now: Date): Rehearsed | undefined {
  return rehearsals(backups).find(({ at }) => !isInFuture(at, now));
}

/** The newest that succeeded. */
export function lastRehearsedWell({ backups }: Backups, now: Date): Rehearsed | undefined {
  return rehearsals(backups).find(({ at, ok }) => ok && !isInFuture(at, now));
}

/** Those that cannot be the last, because the clock was wrong. */
export function rehearsedInFuture({ backups }: Backups, now: Date): readonly Rehearsed[] {
  return rehearsals(backups).filter(({ at }) => isInFuture(at, now));
}

function rehearsals(backups: readonly Backup[]): readonly Rehearsed[] {
  return backups
    .flatMap((backup) => {
      const { rehearsal } = backup.manifest ?? {};
      return rehearsal === undefined ? [] : [{ ...rehearsal, backup }];
    })
    .sort(newestFirst);
}

/** When a backup of the database was last read to its end and was whole; a rehearsal begins with that. */
export function lastVerified(
  { backups }: Backups,
  now: Date,
): { readonly at: string; readonly reference: string } | undefined {
  return backups
    .flatMap((backup) => {
      const { rehearsal, verification } = backup.manifest ?? {};
      const reference = backupReference(backup);
      return [rehearsal, verification].flatMap((proof) =>
        proof?.ok === true && !isInFuture(proof.at, now) ? [{ at: proof.at, reference }] : [],
      );
    })
    .sort(newestFirst)[0];
}

function newestFirst(a: { readonly at: string }, b: { readonly at: string }): number {
  return new Date(b.at).getTime() - new Date(a.at).getTime();
}
