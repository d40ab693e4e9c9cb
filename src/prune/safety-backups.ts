import type { Backup } from '../backups/record/backup.ts';
import { before, type CalendarSpan, spanText } from '../run/time/calendar-span.ts';
import { isGood } from '../backups/record/is-good.ts';
import type { Reason } from './reason.ts';

/** Why the restore that made a safety backup may need it; `undefined`: it does not. */
export type NeededBy = (job: string) => string | undefined;

/**
 * Why a safety backup stays. Its time is counted from today: it belongs to a restore, not to a rotation.
 *
 * @param backups All of the database that are not left alone, newest first.
 */
export function whySafetyStays(
  backup: Backup,
  backups: readonly Backup[],
  { span, now, neededBy }: { readonly span: CalendarSpan; readonly now: Date; readonly neededBy: NeededBy },
): readonly Reason[] {
  const reasons: string[] = [];
  if (new Date(backup.startedAt) > before(now, span)) reasons.push(`safety backup within ${spanText(span)}`);
  const needed = backup.manifest && neededBy(backup.manifest.job);
  if (needed !== undefined) reasons.push(`safety backup, ${needed}`);
  const newer = backups.slice(0, backups.indexOf(backup));
  if (!newer.some(isGood)) reasons.push('safety backup, and no newer backup is complete');
  return reasons.map((text) => ({ rule: 'safety', text }));
}
