import { type CalendarSpan, isNoSpan, spanText } from '../run/time/calendar-span.ts';
import { DbBackupError } from '../run/errors.ts';
import { PERIOD_RULES, type PeriodRule } from './periods.ts';

/** The keep rules of prune; they add up. */
export interface Policy {
  /** Infinity: all of them. Missing, or 0: the rule keeps nothing. */
  readonly counts: Readonly<Partial<Record<PeriodRule, number>>>;
  /** All within this time before the newest one of the group. */
  readonly within?: CalendarSpan | undefined;
  /** Safety backups, which the rules above do not concern: those of the last so many days. */
  readonly safety: CalendarSpan;
  /** A good backup without a copy elsewhere stays, but for safety backups. */
  readonly requiresCopy?: boolean | undefined;
}

export const DEFAULT_SAFETY: CalendarSpan = { years: 0, months: 0, days: 14, hours: 0 };

/** Whether it keeps nothing, so that it must be a slip. */
export function isEmptyPolicy({ counts, within }: Policy): boolean {
  return (within === undefined || isNoSpan(within)) && !PERIOD_RULES.some((rule) => (counts[rule] ?? 0) > 0);
}

/** @throws {DbBackupError} `usage`: it would remove all that it may. */
export function refuseEmptyPolicy(policy: Policy): void {
  if (!isEmptyPolicy(policy)) return;
  throw new DbBackupError('usage', 'No rule says which backups to keep, so nothing is removed.', {
    hint: 'Give at least one, such as --keep-daily 7 --keep-weekly 4, or set keep-daily in the [dbbackup] group of an option file.',
  });
}

/** `keep-daily 7, keep-weekly 4, keep-safety 14d`. */
export function policyText({ counts, within, safety, requiresCopy }: Policy): string {
  return [
    ...PERIOD_RULES.flatMap((rule) => {
      const count = counts[rule] ?? 0;
      return count === 0 ? [] : [`keep-${rule} ${countText(count)}`];
    }),
    ...(within === undefined || isNoSpan(within) ? [] : [`keep-within ${spanText(within)}`]),
    `keep-safety ${spanText(safety)}`,
    ...(requiresCopy === true ? ['require-copy'] : []),
  ].join(', ');
}

export function countText(count: number): string {
  return count === Infinity ? 'unlimited' : String(count);
}
