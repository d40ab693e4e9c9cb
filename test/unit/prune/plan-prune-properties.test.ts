// 10,000 random histories, each planned and compared with what a naive model keeps.
import { expect, test } from 'vitest';
import type { Backup } from '../../../src/backups/record/backup.ts';
import { planPrune, type PrunePlan } from '../../../src/prune/plan-prune.ts';
import { type WallClock, wallClock } from '../../../src/prune/wall-time.ts';
import { type History, randomHistory, ZONES } from '../../fixtures/histories.ts';
import { naivelyKept } from '../../fixtures/naive-retention.ts';
import { randomNumbers } from '../../harness/random.ts';

const HISTORIES = 10_000;
const clocks = new Map<string, WallClock>(ZONES.map((zone) => [zone, wallClock(zone)]));

function planOf({ backups, now, zone, policy, needing }: History): PrunePlan {
  return planPrune(policy, {
    ...{ backups, now, clock: clocks.get(zone)!, links: new Set() },
    neededBy: (job) => (needing.has(job) ? 'because its restore needs it' : undefined),
  });
}

const pathsOf = (backups: readonly Backup[]): string =>
  backups
    .map(({ path }) => path)
    .sort()
    .join('\n');

/** What is wrong with a plan; `expect` is too slow for so many. */
function* complaints(history: History): Generator<string> {
  const { backups, now } = history;
  const { kept, removed } = planOf(history);
  const stays = kept.map(({ backup }) => backup);
  const naive = [...naivelyKept(history)].sort().join('\n');
  if (pathsOf(stays) !== naive) yield `keeps\n${pathsOf(stays)}\ninstead of\n${naive}`;
  if (pathsOf([...stays, ...removed]) !== pathsOf(backups)) yield 'does not decide about each, once';
  if (kept.some(({ reasons }) => reasons.length === 0)) yield 'keeps without a reason';
  if (removed.some(({ state }) => state !== 'complete' && state !== 'suspect'))
    yield 'removes what it cannot judge';
  if (planOf({ ...history, backups: stays }).removed.length > 0) yield 'removes more the second time';

  // Whatever the model says: this is what people fear for.
  const isGood = ({ state, manifest, name, startedAt }: Backup): boolean =>
    state === 'complete' &&
    manifest?.rehearsal?.ok !== false &&
    manifest?.verification?.ok !== false &&
    name !== 'by-hand' &&
    new Date(startedAt) <= now;
  const order = ({ startedAt, name }: Backup): string => `${startedAt} ${name}`;
  const good = backups.filter(isGood).sort((a, b) => (order(a) < order(b) ? 1 : -1));
  const rehearsed = good.find(({ manifest }) => manifest?.rehearsal?.ok === true);
  if (good[0] !== undefined && removed.includes(good[0])) yield 'removes the newest complete';
  if (rehearsed !== undefined && removed.includes(rehearsed)) yield 'removes the newest rehearsed';
  for (const label of new Set(good.map((each) => each.label)))
    if (label !== 'pre-restore' && !stays.some((each) => each.label === label && good.includes(each)))
      yield `keeps no complete one of ${label ?? ''}`;
}

test('each plan keeps what a naive model keeps, and never what must stay goes', { timeout: 120_000 }, () => {
  let removals = 0;
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const history = randomHistory(randomNumbers(seed));
    expect([...complaints(history)], `of the history with seed ${seed}`).toEqual([]);
    removals += planOf(history).removed.length;
  }
  expect(removals).toBeGreaterThan(2 * HISTORIES);
});
