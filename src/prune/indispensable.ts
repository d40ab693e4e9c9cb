import type { Backup } from '../backups/record/backup.ts';
import type { Manifest } from '../backups/record/manifest.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { isGood } from '../backups/record/is-good.ts';
import type { Reason } from './reason.ts';
import type { WallClock, WallTime } from './wall-time.ts';

/** Whether a pin holds. */
export function isPinned(manifest: Pick<Manifest, 'pin'> | undefined, now: Date): boolean {
  const pin = manifest?.pin;
  return pin !== undefined && (pin.until === undefined || new Date(pin.until) > now);
}

/**
 * What stays whatever the policy says: pinned backups, the newest good one of the database, and the newest one of these
 * that passed a rehearsal. Of the last two also the newest one that is no safety backup.
 *
 * @param backups Of one database, newest first, without those that are left alone.
 */
export function indispensable(
  backups: readonly Backup[],
  { now, clock }: { readonly now: Date; readonly clock: WallClock },
): ReadonlyMap<Backup, readonly Reason[]> {
  const reasons = new Map<Backup, readonly Reason[]>();
  const add = (backup: Backup | undefined, reason: Reason): void => {
    if (backup !== undefined) reasons.set(backup, [...(reasons.get(backup) ?? []), reason]);
  };
  const good = backups.filter(isGood);
  const rehearsed = good.filter(({ manifest }) => manifest?.rehearsal?.ok === true);
  for (const each of newestOf(good)) add(each, { rule: 'newest-complete', text: 'newest complete' });
  for (const each of newestOf(rehearsed)) add(each, { rule: 'newest-rehearsed', text: 'newest rehearsed' });
  for (const each of backups)
    if (isPinned(each.manifest, now)) add(each, { rule: 'pinned', text: pinText(each, clock) });
  return reasons;
}

function newestOf(backups: readonly Backup[]): ReadonlySet<Backup> {
  const [newest] = backups;
  const regular = backups.find(({ label }) => label !== SAFETY_LABEL);
  return new Set([newest, regular].filter((each) => each !== undefined));
}

function pinText({ manifest }: Backup, clock: WallClock): string {
  const { until, reason } = manifest?.pin ?? {};
  const day = until === undefined ? '' : ` until ${dayText(clock(new Date(until).getTime()))}`;
  return `pinned${day}${reason === undefined ? '' : `: ${reason}`}`;
}

function dayText({ year, month, day }: WallTime): string {
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}
