import { backupReference } from '../../backups/record/backup.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageText } from '../age-text.ts';
import { ageMs, isInFuture, type DatabaseHistory } from '../history/history.ts';
import { lastVerified } from '../history/proofs.ts';

const NAME = 'verification';

/** Whether a backup has lately been read to its end, and the last one that was read is whole. */
export const verification: Check = {
  name: NAME,
  threshold: 'maxVerifyAgeMs',
  judge: (subject) => subject.history.databases.flatMap((database) => judgeOne(database, subject)),
};

function judgeOne(
  history: DatabaseHistory,
  { history: { now }, thresholds, commandHere }: Subject,
): readonly Verdict[] {
  const { database } = history;
  const future = inFuture(history, now, commandHere);
  const failed = history.backups.filter(({ manifest }) => manifest?.verification?.ok === false);
  const failures = failed.map((backup): Verdict => {
    const reference = backupReference(backup);
    const message = `${reference} failed its verification: ${backup.manifest?.verification?.problem ?? 'it is damaged'}`;
    // To read it again would only say the same.
    const fix = [commandHere('create', [database]), commandHere('verify', [`${database}/latest`])];
    return { level: 'critical', check: NAME, database, message, fix };
  });
  const bad = [...failures, ...future];
  const { maxVerifyAgeMs } = thresholds;
  if (maxVerifyAgeMs === undefined || history.backups.length === 0) return bad;
  const fix = [commandHere('verify', [`${database}/latest`])];
  const last = lastVerified(history, now);
  if (last === undefined)
    return [
      ...bad,
      {
        level: 'warning',
        check: NAME,
        database,
        message: `No backup of ${database} has been verified.`,
        fix,
      },
    ];
  const oldMs = ageMs(last.at, now);
  const isOld = oldMs > maxVerifyAgeMs;
  const allowed = isOld ? `, more than ${ageText(maxVerifyAgeMs)}` : '';
  const message = `The last verification of a backup of ${database} (${last.reference}) is ${ageText(oldMs)} old${allowed}.`;
  return [
    ...bad,
    { level: isOld ? 'warning' : 'ok', check: NAME, database, message, fix: isOld ? fix : undefined },
  ];
}

/** One that failed is told as such. */
function inFuture(
  { database, backups }: DatabaseHistory,
  now: Date,
  commandHere: Subject['commandHere'],
): readonly Verdict[] {
  return backups.flatMap((backup): readonly Verdict[] => {
    const { verification: proof } = backup.manifest ?? {};
    if (proof?.ok !== true || !isInFuture(proof.at, now)) return [];
    const reference = backupReference(backup);
    const message = `The verification of ${reference} is dated in the future (${proof.at}) and does not count: the clock is wrong, or was.`;
    return [{ level: 'warning', check: NAME, database, message, fix: [commandHere('verify', [reference])] }];
  });
}
