import { describe, expect, test } from 'vitest';
import type { Backup } from '../../../src/backups/record/backup.ts';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { planPrune, type PruneFacts } from '../../../src/prune/plan-prune.ts';
import { DEFAULT_SAFETY, type Policy } from '../../../src/prune/policy.ts';
import { wallClock } from '../../../src/prune/wall-time.ts';
import { NO_SPAN } from '../../../src/run/time/calendar-span.ts';
import { aBackup } from '../../fixtures/histories.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

/** At 3 o'clock, that many days before 28 November. */
function night(daysAgo: number, more: Parameters<typeof aBackup>[1] = {}): Backup {
  return aBackup(new Date(Date.UTC(2026, 10, 28 - daysAgo, 3)).toISOString(), more);
}

function plan(
  backups: readonly Backup[],
  keep: Partial<Policy> = { counts: { last: 1 } },
  facts: Partial<PruneFacts> = {},
): { readonly stays: Readonly<Record<string, string>>; readonly goes: readonly string[] } {
  const policy = { counts: {}, safety: DEFAULT_SAFETY, ...keep };
  const { kept, removed } = planPrune(policy, {
    ...{ backups, now: NOW, clock: wallClock('Europe/Berlin'), links: new Set(), neededBy: () => undefined },
    ...facts,
  });
  return {
    stays: Object.fromEntries(
      kept.map(({ backup, reasons }) => [backup.name, reasons.map(({ text }) => text).join('; ')]),
    ),
    goes: removed.map(({ name }) => name),
  };
}

const named = (daysAgo: number, label = 'manual'): string => night(daysAgo, { label }).name;

describe('the rules that count', () => {
  test('add up, and say which of their places is taken', () => {
    const nights = Array.from({ length: 10 }, (_, daysAgo) => night(daysAgo));
    const { stays, goes } = plan(nights, { counts: { daily: 2, weekly: 2 } });
    // 28 November 2026 is a Saturday; the week before ended on the 22nd.
    expect(stays).toEqual({
      [named(0)]: 'newest complete; daily 1 of 2; weekly 1 of 2',
      [named(1)]: 'daily 2 of 2',
      [named(6)]: 'weekly 2 of 2',
    });
    expect(goes).toHaveLength(7);
  });

  test('unlimited keeps each period', () => {
    const { stays } = plan([night(0), night(1), night(400)], { counts: { daily: Infinity } });
    expect(stays[named(400)]).toBe('daily 3 of unlimited');
  });

  test('keep the oldest while they have places', () => {
    const early = aBackup('2026-11-27T01:00:00.000Z');
    const { stays } = plan([night(0), night(1), early], { counts: { daily: 7 } });
    expect(stays[early.name]).toBe('oldest, as daily has places left');
  });

  test('judge each label by itself', () => {
    const { goes } = plan([
      night(0),
      night(1),
      night(2, { label: 'before-upgrade' }),
      night(3, { label: 'before-upgrade' }),
    ]);
    expect(goes).toEqual([named(1), named(3, 'before-upgrade')]);
  });

  test('take the day of the time zone', () => {
    // In Berlin both are of the 27th, in UTC of the 26th and the 27th.
    const backups = [aBackup('2026-11-27T20:00:00.000Z'), aBackup('2026-11-26T23:30:00.000Z'), night(9)];
    const daily = { counts: { daily: 2 } };
    expect(plan(backups, daily).goes).toEqual([backups[1]!.name]);
    expect(plan(backups, daily, { clock: wallClock('UTC') }).goes).toEqual([backups[2]!.name]);
  });

  test('tell the hour that comes twice from itself', () => {
    const twice = [aBackup('2026-10-25T01:30:00.000Z'), aBackup('2026-10-25T00:30:00.000Z'), night(60)];
    expect(plan(twice, { counts: { hourly: 2 } }).goes).toEqual([named(60)]);
  });
});

describe('keep-within', () => {
  const within = { counts: {}, within: { ...NO_SPAN, days: 7 } };

  test('counts back from the newest, so that nights that failed remove nothing', () => {
    const { goes } = plan([night(100), night(101), night(106), night(107)], within);
    expect(goes).toEqual([named(107)]);
  });

  test('does not count back from one that cannot be relied on', () => {
    const { goes } = plan([night(0, { state: 'suspect' }), night(20), night(26), night(30)], within);
    expect(goes).toEqual([named(30)]);
  });
});

describe('never goes', () => {
  test('the newest complete backup of a database', () => {
    const { stays } = plan([night(0, { state: 'damaged', problem: 'its manifest is not JSON' }), night(1)]);
    expect(stays).toEqual({
      [named(0)]: 'its manifest is not JSON',
      [named(1)]: 'newest complete; last 1 of 1',
    });
  });

  test('the newest that passed a rehearsal', () => {
    const rehearsed = { manifest: { rehearsal: { ok: true } as Manifest['rehearsal'] } };
    const { stays, goes } = plan([night(0), night(1), night(2, rehearsed), night(3, rehearsed)]);
    expect(stays[named(2)]).toBe('newest rehearsed');
    expect(goes).toEqual([named(1), named(3)]);
  });

  test('a pinned one, until its pin is over', () => {
    const pinned = (until?: string): Parameters<typeof aBackup>[1] => ({
      manifest: { pin: { at: '2026-11-01T00:00:00Z', until, reason: 'before the move' } },
    });
    const { stays, goes } = plan([
      night(0),
      night(1, pinned()),
      night(2, pinned('2026-11-30T22:59:59.999Z')),
      night(3, pinned('2026-11-28T11:00:00Z')),
    ]);
    expect(stays[named(1)]).toBe('pinned: before the move');
    expect(stays[named(2)]).toBe('pinned until 2026-11-30: before the move');
    expect(goes).toEqual([named(3)]);
  });

  test.each([
    ['without a manifest', { state: 'unverified' }, 'it has no manifest'],
    [
      'damaged',
      { state: 'damaged', problem: 'it has 3 bytes, but its manifest says 4' },
      'it has 3 bytes, but its manifest says 4',
    ],
    ['unreadable', { state: 'unreadable', problem: 'permission denied' }, 'permission denied'],
    ['named by hand', { name: 'before-the-move' }, 'its name was not given by dbbackup'],
  ] as const)('one that is %s, which takes no place either', (_, more, reason) => {
    const odd = night(0, more);
    expect(plan([odd, night(1), night(2)])).toEqual({
      stays: { [odd.name]: reason, [named(1)]: 'newest complete; last 1 of 1' },
      goes: [named(2)],
    });
  });

  test('a link', () => {
    const linked = night(1);
    expect(plan([night(0), linked], undefined, { links: new Set([linked.path]) }).stays[linked.name]).toBe(
      'it is a link',
    );
  });

  test('one from the future, which does not displace those of today', () => {
    expect(plan([night(-400), night(0), night(1)])).toEqual({
      stays: { [named(-400)]: 'its time is in the future', [named(0)]: 'newest complete; last 1 of 1' },
      goes: [named(1)],
    });
  });
});

describe('with --require-copy', () => {
  const keep = { counts: { last: 1 }, requiresCopy: true };
  const copies = [{ where: 'rclone:b2:shop-backups', at: NOW.toISOString() }];

  test('a good backup stays until it lies elsewhere, too', () => {
    const nights = [
      night(0),
      night(1),
      night(2, { manifest: { copies } }),
      night(3, { manifest: { copies: [] } }),
    ];
    const { stays, goes } = plan(nights, keep);

    expect(stays).toEqual({
      [named(0)]: 'newest complete; last 1 of 1; not copied yet',
      [named(1)]: 'not copied yet',
      [named(3)]: 'not copied yet',
    });
    expect(goes).toEqual([named(2)]);
  });

  test('nobody waits for a copy of a bad one, or of a safety backup', () => {
    const bad = night(2, { state: 'suspect' });
    const old = night(40, { label: 'pre-restore' });
    expect(plan([night(0), bad, old], keep).goes).toEqual([bad.name, old.name]);
  });
});

describe('one that cannot be relied on', () => {
  test.each([
    ['suspect', { state: 'suspect' }],
    ['found damaged', { manifest: { verification: { at: '2026-11-28T03:00:00Z', ok: false } } }],
    ['found bad by a rehearsal', { manifest: { rehearsal: { ok: false } as Manifest['rehearsal'] } }],
  ] as const)('displaces no good one, and goes when a good one in its stead would: %s', (_, more) => {
    const { stays, goes } = plan([night(0, more), night(1), night(2, more), night(3), night(4, more)], {
      counts: { last: 2 },
    });
    expect(stays).toEqual({
      [named(0)]: 'last, without taking a place',
      [named(1)]: 'newest complete; last 1 of 2',
      [named(2)]: 'last, without taking a place',
      [named(3)]: 'last 2 of 2',
    });
    expect(goes).toEqual([named(4)]);
  });

  test('stays where there is no good one', () => {
    expect(plan([night(0, { state: 'suspect' }), night(1, { state: 'suspect' })]).goes).toEqual([]);
  });
});

describe('safety backups', () => {
  const safety = (daysAgo: number, more: Parameters<typeof aBackup>[1] = {}): Backup =>
    night(daysAgo, { label: 'pre-restore', manifest: { job: `job${daysAgo}` }, ...more });

  test('stay for their time from today, and take no places', () => {
    const { stays, goes } = plan([night(0), safety(1), night(2), safety(13), safety(15)]);
    expect(stays[safety(1).name]).toBe('safety backup within 14d');
    expect(stays[safety(13).name]).toBe('safety backup within 14d');
    expect(goes).toEqual([named(2), safety(15).name]);
  });

  test('stay while their restore needs them', () => {
    const { stays } = plan([night(0), safety(15)], undefined, {
      neededBy: (job) => (job === 'job15' ? 'and its restore job15 is not settled' : undefined),
    });
    expect(stays[safety(15).name]).toBe('safety backup, and its restore job15 is not settled');
  });

  test('stay while nothing newer is complete', () => {
    const { stays, goes } = plan([night(0, { state: 'suspect' }), safety(20), safety(30), night(40)]);
    expect(stays[safety(20).name]).toBe('newest complete; safety backup, and no newer backup is complete');
    expect(goes).toEqual([safety(30).name]);
  });
});
