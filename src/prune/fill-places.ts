import { before, isNoSpan, spanText } from '../run/time/calendar-span.ts';
import { PERIOD_RULES, PERIODS, type PeriodRule } from './periods.ts';
import { countText, type Policy } from './policy.ts';
import type { Reason } from './reason.ts';
import type { WallClock } from './wall-time.ts';

/** A backup, as the rules see it. */
export interface Ruled {
  readonly name: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/**
 * Which backups of one group the policy keeps, as restic's `forget` decides: each rule that counts goes from the newest to
 * the oldest, and keeps the first one that it meets in a period, until it has no places left. While it has some, the
 * oldest one is kept as well.
 *
 * A backup that cannot be relied on takes no place, so that it displaces no good one. It stays as long as a good one in
 * its stead would.
 *
 * @param group Newest first.
 * @returns the reasons for each that stays.
 */
export function fillPlaces<B extends Ruled>(
  group: readonly B[],
  policy: Policy,
  { isGood, clock }: { readonly isGood: (backup: B) => boolean; readonly clock: WallClock },
): ReadonlyMap<B, readonly Reason[]> {
  const good = group.filter(isGood);
  const oldest = good.at(-1);
  const counters = PERIOD_RULES.flatMap((rule) => {
    const count = policy.counts[rule] ?? 0;
    return count > 0 ? [new Counter(rule, count)] : [];
  });
  const isWithin = withinOf(policy, good[0]);
  const kept = new Map<B, readonly Reason[]>();
  for (const backup of group) {
    const takes = isGood(backup);
    const time = clock(new Date(backup.startedAt).getTime());
    const reasons = [
      ...counters.flatMap((counter) => {
        const period = PERIODS[counter.rule](time, backup.name);
        if (!takes) return counter.wouldTake(period) ?? [];
        return counter.take(period) ?? (backup === oldest ? (counter.takeOldest() ?? []) : []);
      }),
      ...(isWithin(backup) ? [withinReason(policy)] : []),
    ];
    if (reasons.length > 0) kept.set(backup, reasons);
  }
  return kept;
}

/** One rule on its way through a group. */
class Counter {
  readonly rule: PeriodRule;
  readonly #of: number;
  #taken = 0;
  #period: string | undefined;

  constructor(rule: PeriodRule, of: number) {
    this.rule = rule;
    this.#of = of;
  }

  /** Takes a place where the period has none yet, and one is left. */
  take(period: string): Reason | undefined {
    if (!this.#isOpenTo(period)) return undefined;
    this.#period = period;
    this.#taken += 1;
    return this.#reason(`${this.rule} ${this.#taken} of ${countText(this.#of)}`);
  }

  wouldTake(period: string): Reason | undefined {
    return this.#isOpenTo(period)
      ? { rule: this.rule, text: `${this.rule}, without taking a place` }
      : undefined;
  }

  takeOldest(): Reason | undefined {
    if (this.#taken >= this.#of) return undefined;
    this.#taken += 1;
    const { number, of } = this.#reason('');
    return { rule: 'oldest', text: `oldest, as ${this.rule} has places left`, number, of };
  }

  #isOpenTo(period: string): boolean {
    return this.#taken < this.#of && period !== this.#period;
  }

  #reason(text: string): Reason {
    return { rule: this.rule, text, number: this.#taken, of: this.#of === Infinity ? undefined : this.#of };
  }
}

/** Counts back from the newest good one, not from today: nights that failed remove nothing. */
function withinOf({ within }: Policy, newest: Ruled | undefined): (backup: Ruled) => boolean {
  if (within === undefined || isNoSpan(within)) return () => false;
  if (newest === undefined) return () => true;
  const limit = before(new Date(newest.startedAt), within);
  return ({ startedAt }) => new Date(startedAt) > limit;
}

function withinReason({ within }: Policy): Reason {
  return { rule: 'within', text: `within ${within === undefined ? '' : spanText(within)} of the newest` };
}
