import { backupReference } from '../../backups/record/backup.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageText } from '../age-text.ts';
import { ageMs, completeBackups, isBackingUp, isInFuture, type DatabaseHistory } from '../history/history.ts';

const NAME = 'age';

/** Whether each database has a complete backup, and a new one. */
export const age: Check = {
  name: NAME,
  threshold: 'maxAgeMs',
  judge(subject) {
    const { history } = subject;
    const { databases, directory, exists, excluded, unseen } = history;
    if (!exists) return [nothing(`${directory} does not exist, so it has no backups.`)];
    if (databases.length === 0 && unseen.length === 0) {
      if (excluded.length === 0)
        return [nothing(`There are no backups${withLabel(history.label)} in ${directory}.`)];
      return [{ level: 'warning', check: NAME, message: 'All databases are excluded; none is checked.' }];
    }
    return [
      ...databases
        .filter(({ unreadable }) => unreadable === undefined)
        .map((each) => judgeOne(each, subject)),
      ...excluded.map((database): Verdict => ({
        ...{ level: 'ok', check: NAME, database },
        message: `${database} is excluded; its backups are not checked.`,
      })),
      ...unseen.map((database): Verdict => ({
        ...{ level: 'warning', check: NAME, database },
        message: `${database} has backups but is not on the server, or the account may not see it.`,
        fix: [`If that is meant, add --exclude-database ${shellWord(database)}.`],
      })),
    ];
  },
};

function withLabel(label: string | undefined): string {
  return label === undefined ? '' : ` with the label ${label}`;
}

function nothing(message: string): Verdict {
  return {
    ...{ level: 'critical', check: NAME, message },
    fix: ['Make one with create. If they are elsewhere, use --dir <folder>.'],
  };
}

function judgeOne(history: DatabaseHistory, subject: Subject): Verdict {
  const { now, label } = subject.history;
  const { maxAgeMs } = subject.thresholds;
  const { database } = history;
  const [newest] = completeBackups(history);
  const running = isBackingUp(history) ? ' One is being made now.' : '';
  const fix =
    running === ''
      ? [subject.commandHere('create', [database], label === undefined ? [] : ['--label', label])]
      : undefined;
  if (newest === undefined) {
    const message = `There is no complete backup of ${database}${withLabel(label)}.${running}`;
    return { level: running === '' ? 'critical' : 'warning', check: NAME, database, message, fix };
  }
  const reference = backupReference(newest);
  const oldMs = ageMs(newest.manifest.finishedAt, now);
  if (isInFuture(newest.manifest.finishedAt, now)) {
    const message = `${reference} was finished in the future (${newest.manifest.finishedAt}): the clock is wrong, or was.`;
    return { level: 'warning', check: NAME, database, message };
  }
  const isOld = maxAgeMs !== undefined && oldMs > maxAgeMs;
  const allowed = isOld ? `, more than ${ageText(maxAgeMs)}` : '';
  const message = `The newest complete backup of ${database}${withLabel(label)}, ${reference}, is ${ageText(oldMs)} old${allowed}.${running}`;
  return { level: isOld ? 'critical' : 'ok', check: NAME, database, message, fix: isOld ? fix : undefined };
}
