import { backupReference } from '../../backups/record/backup.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageText } from '../age-text.ts';
import { ageMs, type DatabaseHistory } from '../history/history.ts';
import { lastRehearsed, lastRehearsedWell, rehearsedInFuture } from '../history/proofs.ts';

const NAME = 'rehearsal';

/** Whether a server has lately taken a backup, and took the last one that was tried. */
export const rehearsal: Check = {
  name: NAME,
  threshold: 'maxRehearsalAgeMs',
  judge: (subject) => subject.history.databases.flatMap((database) => judgeOne(database, subject)),
};

function judgeOne(
  history: DatabaseHistory,
  { history: { now }, thresholds, commandHere }: Subject,
): readonly Verdict[] {
  const { database } = history;
  const { maxRehearsalAgeMs } = thresholds;
  const fix = [commandHere('verify', [`${database}/latest`], ['--rehearse'])];
  const last = lastRehearsed(history, now);
  const future = inFuture(history, now, commandHere);
  if (last?.ok === false) {
    const message = `The last rehearsal of ${database}, of ${backupReference(last.backup)}, failed: ${last.problem ?? 'unknown'}`;
    return [...future, { level: 'critical', check: NAME, database, message, fix }];
  }
  if (maxRehearsalAgeMs === undefined || history.backups.length === 0) return future;
  const well = lastRehearsedWell(history, now);
  if (well === undefined)
    return [
      ...future,
      {
        level: 'warning',
        check: NAME,
        database,
        message: `No backup of ${database} has been rehearsed.`,
        fix,
      },
    ];
  const oldMs = ageMs(well.at, now);
  const isOld = oldMs > maxRehearsalAgeMs;
  const allowed = isOld ? `, more than ${ageText(maxRehearsalAgeMs)}` : '';
  const message = `The last rehearsal of ${database} (${backupReference(well.backup)}) is ${ageText(oldMs)} old${allowed}.`;
  return [
    ...future,
    { level: isOld ? 'warning' : 'ok', check: NAME, database, message, fix: isOld ? fix : undefined },
  ];
}

function inFuture(
  history: DatabaseHistory,
  now: Date,
  commandHere: Subject['commandHere'],
): readonly Verdict[] {
  return rehearsedInFuture(history, now).map(({ at, ok, backup }) => {
    const reference = backupReference(backup);
    return {
      ...{ level: ok ? 'warning' : 'critical', check: NAME, database: history.database },
      message: `The rehearsal of ${reference}${ok ? '' : ', which failed,'} is dated in the future (${at}) and does not count: the clock is wrong, or was.`,
      fix: [commandHere('verify', [reference], ['--rehearse'])],
    };
  });
}
