import { backupReference, type Backup } from '../../backups/record/backup.ts';
import type { Rehearsal } from '../../backups/record/manifest.ts';
import type { DatabaseHistory } from './history.ts';

type Backups = Pick<DatabaseHistory, 'backups'>;

interface Rehearsed extends Rehearsal {
  readonly backup: Backup;
}

/** The newest rehearsal of any backup of the database, whatever came of it. */
export function lastRehearsed({ backups }: Backups): Rehearsed | undefined {
  return rehearsals(backups)[0];
}

/** The newest that succeeded. */
export function lastRehearsedWell({ backups }: Backups): Rehearsed | undefined {
  return lastRehearsedWellOf(backups);
}

/** The same of some backups. */
export function lastRehearsedWellOf(backups: readonly Backup[]): Rehearsed | undefined {
  return rehearsals(backups).find(({ ok }) => ok);
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
export function lastVerified({
  backups,
}: Backups): { readonly at: string; readonly reference: string } | undefined {
  return backups
    .flatMap((backup) => {
      const { rehearsal, verification } = backup.manifest ?? {};
      const reference = backupReference(backup);
      return [rehearsal, verification].flatMap((proof) =>
        proof?.ok === true ? [{ at: proof.at, reference }] : [],
      );
    })
    .sort(newestFirst)[0];
}

function newestFirst(a: { readonly at: string }, b: { readonly at: string }): number {
  return new Date(b.at).getTime() - new Date(a.at).getTime();
}
