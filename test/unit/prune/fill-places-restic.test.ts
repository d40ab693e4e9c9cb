import { describe, expect, test } from 'vitest';
import { fillPlaces } from '../../../src/prune/fill-places.ts';
import { DEFAULT_SAFETY, type Policy } from '../../../src/prune/policy.ts';
import { wallClock } from '../../../src/prune/wall-time.ts';
import { parseSpan } from '../../../src/settings/values/retention/keep-rules.ts';
import {
  type ResticCase,
  RESTIC_CASES,
  RESTIC_MANUAL_TIMES,
  RESTIC_TIMES,
} from '../../fixtures/restic-forget.ts';

const exactly = (time: string): string => new Date(time).toISOString();

function keptOf(times: readonly string[], keep: ResticCase['keep']): readonly string[] {
  const { within, ...counts } = keep;
  const policy: Policy = {
    counts,
    within: within === undefined ? undefined : parseSpan({ text: within, source: '', isFlag: true }),
    safety: DEFAULT_SAFETY,
  };
  const group = times
    .map((time, index) => ({ name: String(index), startedAt: exactly(time) }))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const kept = fillPlaces(group, policy, { isGood: () => true, clock: wallClock('UTC') });
  return group.filter((each) => kept.has(each)).map(({ startedAt }) => startedAt);
}

describe('decides as restic does', () => {
  test.each(RESTIC_CASES)('in its golden file $golden: $keep', ({ keep, stays }) => {
    expect(keptOf(RESTIC_TIMES, keep)).toEqual(stays.map(exactly).sort().reverse());
  });

  test('in the example of its manual', () => {
    expect(keptOf(RESTIC_MANUAL_TIMES, { daily: 5 })).toEqual(
      [
        '2025-05-02T23:00:00Z',
        '2025-05-01T11:00:00Z',
        '2025-04-29T11:00:00Z',
        '2025-04-28T11:00:00Z',
        '2025-04-25T23:00:00Z',
      ].map(exactly),
    );
  });

  // https://restic.readthedocs.io/en/v0.18.0/060_forget.html#removing-snapshots-according-to-a-policy
  test('of a backup each day for 100 years, as its manual counts', () => {
    const last = Date.UTC(2026, 10, 29, 3); // a Sunday
    const days = Array.from({ length: 36_525 }, (_, n) => new Date(last - n * 24 * 3_600_000).toISOString());
    const kept = keptOf(days, { daily: 7, weekly: 5, monthly: 12, yearly: 75 });
    expect(kept.slice(0, 7)).toEqual(days.slice(0, 7));
    expect(
      kept
        .slice(7)
        .filter((at) => at.startsWith('2026-11'))
        .map((at) => at.slice(8, 10)),
    ).toEqual(['22', '15', '08', '01']);
    expect(kept.filter((at) => at.slice(5, 10) === '12-31')).toHaveLength(74);
    // One of the 11 ends of months is that of a year.
    expect(kept).toHaveLength(7 + 4 + 11 + 74 - 1);
  });

  // https://github.com/restic/restic/issues/3851
  test('which surprises: of one month with two backups and twelve places the newest stays, and the oldest', () => {
    expect(keptOf(['2022-08-01T11:31:17Z', '2022-08-05T12:10:30Z'], { monthly: 12 })).toHaveLength(2);
    expect(
      keptOf(['2022-08-01T11:31:17Z', '2022-08-03T12:00:00Z', '2022-08-05T12:10:30Z'], { monthly: 12 }),
    ).toEqual(['2022-08-05T12:10:30.000Z', '2022-08-01T11:31:17.000Z']);
  });
});
