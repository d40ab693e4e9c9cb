import { type Backup, newestFirst } from '../backups/record/backup.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { fillPlaces } from './fill-places.ts';
import { indispensable } from './indispensable.ts';
import { isGood } from '../backups/record/is-good.ts';
import { whyLeftAlone } from './left-alone.ts';
import type { Policy } from './policy.ts';
import type { Kept, Reason } from './reason.ts';
import { type NeededBy, whySafetyStays } from './safety-backups.ts';
import type { WallClock } from './wall-time.ts';

/** What a plan is made of. */
export interface PruneFacts {
  /** All of one database. */
  readonly backups: readonly Backup[];
  readonly now: Date;
  readonly clock: WallClock;
  /** Paths of those that are symbolic links. */
  readonly links: ReadonlySet<string>;
  readonly neededBy: NeededBy;
}

/** What prune does to the backups of one database. Both lists: newest first. */
export interface PrunePlan {
  readonly kept: readonly Kept<Backup>[];
  readonly removed: readonly Backup[];
}

/** Decides about each backup. Pure: the same facts give the same plan. */
export function planPrune(policy: Policy, facts: PruneFacts): PrunePlan {
  const { now, clock, neededBy } = facts;
  const all = facts.backups.toSorted(newestFirst);
  const alone = new Map(all.map((backup) => [backup, whyLeftAlone(backup, facts)] as const));
  const judged = all.filter((backup) => alone.get(backup) === undefined);
  const needed = indispensable(judged, { now, clock });
  const placed = byLabel(judged).map((group) => fillPlaces(group, policy, { isGood, clock }));
  const safety = { span: policy.safety, now, neededBy };
  const reasonsOf = (backup: Backup): readonly Reason[] => {
    const leave = alone.get(backup);
    if (leave !== undefined) return [leave];
    const ruled =
      backup.label === SAFETY_LABEL
        ? whySafetyStays(backup, judged, safety)
        : [...placed.flatMap((group) => group.get(backup) ?? []), ...whyUncopiedStays(backup, policy)];
    return [...(needed.get(backup) ?? []), ...ruled];
  };
  const decided = all.map((backup) => ({ backup, reasons: reasonsOf(backup) }));
  return {
    kept: decided.filter(({ reasons }) => reasons.length > 0),
    removed: decided.filter(({ reasons }) => reasons.length === 0).map(({ backup }) => backup),
  };
}

/** Of one that is no good nobody waits for a copy. */
function whyUncopiedStays(backup: Backup, { requiresCopy }: Policy): readonly Reason[] {
  const isCopied = (backup.manifest?.copies ?? []).length > 0;
  if (requiresCopy !== true || isCopied || !isGood(backup)) return [];
  return [{ rule: 'not-copied', text: 'not copied yet' }];
}

/** The groups that are rotated, each by itself: a backup before an upgrade does not displace one of the night. */
function byLabel(backups: readonly Backup[]): readonly (readonly Backup[])[] {
  const groups = new Map<string, Backup[]>();
  for (const backup of backups) {
    const { label = '' } = backup;
    if (label === SAFETY_LABEL) continue;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [backup]);
    else group.push(backup);
  }
  return [...groups.values()];
}
