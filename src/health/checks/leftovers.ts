import {
  isBringingBack,
  isKeeping,
  type KeepingJob,
  keptOf,
  removalByHand,
} from '../../jobs/record/keeping-job.ts';
import { isBackedUp } from '../../jobs/backed-up.ts';
import { isUnderWay } from '../../jobs/record/job.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageMs, type DatabaseHistory, type LeftFile } from '../history/history.ts';

const NAME = 'leftovers';

/** By then a nightly backup would have removed what was kept. */
const NEXT_NIGHT_MS = 26 * 3_600_000;

/** Files and accounts that dead runs have left, and tables whose time is over. */
export const leftovers: Check = {
  name: NAME,
  judge(subject) {
    const { databases, jobs, directory, now } = subject.history;
    const files = databases.flatMap(({ database, leftovers: left }) =>
      left.map((file): Verdict => ({ check: NAME, database, ...verdictOf(file, database, subject) })),
    );
    const accounts = jobs.flatMap((job): readonly Verdict[] => {
      const { loadAccount, database } = job;
      if (isUnderWay(job) || loadAccount === undefined) return [];
      const message = `The account ${loadAccount}, which loaded the rows of a restore, may be left on the server.`;
      return [
        { level: 'warning', check: NAME, database, message, fix: [`DROP USER IF EXISTS ${loadAccount};`] },
      ];
    });
    const expired = jobs
      .filter(isKeeping)
      .filter(({ kept: { until } }) => ageMs(until, now) > NEXT_NIGHT_MS)
      .filter(({ id }) => !jobs.some((job) => isBringingBack(job, id))); // an interrupted restore, told of as one
    const found = [...files, ...accounts, ...expired.map((job) => expiredVerdict(job, subject))];
    if (found.length > 0) return found;
    return [
      { level: 'ok', check: NAME, message: `There is nothing left by interrupted runs in ${directory}.` },
    ];
  },
};

function expiredVerdict(job: KeepingJob, { commandHere, history }: Subject): Verdict {
  const { database, job: id, schema, until } = keptOf(job);
  const elsewhere = history.elsewhere.get(id);
  // A first backup would be the beginning of more: from then on `age` wants one every night.
  const isItsTurn =
    elsewhere === undefined &&
    history.databases.some((each) => each.database === database && mayBeBackedUp(each));
  const byHand =
    elsewhere === undefined
      ? `nobody backs ${database} up here, so remove them by SQL, then the files of the job`
      : `no backup made here knows of them, so remove them by SQL, then the files of the job`;
  return {
    ...{ level: 'warning', check: NAME, database },
    message: `The tables of ${database} before the restore ${id} were kept until ${until.slice(0, 19).replace('T', ' ')} UTC, and still take room on the server, in ${schema}; ${isItsTurn ? 'the next create or restore removes them' : byHand}.`,
    fix: isItsTurn ? [commandHere('create', [database])] : removalByHand(job, elsewhere ?? history.directory),
  };
}

function mayBeBackedUp({ backups, creates, unreadable }: DatabaseHistory): boolean {
  return unreadable !== undefined || isBackedUp(backups, creates);
}

function verdictOf(
  { path, kind, holder }: LeftFile,
  database: string,
  { commandHere }: Subject,
): Pick<Verdict, 'level' | 'message' | 'fix'> {
  const create = [commandHere('create', [database])];
  switch (kind) {
    case 'unfinished':
      return {
        level: 'warning',
        message: `An interrupted run left ${path}; the next one removes it.`,
        fix: create,
      };
    case 'lock':
      return {
        level: 'warning',
        message: `An interrupted run left the lock ${path}; the next one takes it over.`,
        fix: create,
      };
    case 'foreign':
      return {
        level: 'critical',
        message: `${path} is no lock of dbbackup; no backup of ${database} can start while it exists.`,
        fix: ['Make sure that no backup or restore is running, then:', `rm ${shellWord(path)}`],
      };
    case 'unchecked':
    case 'forbidden':
      return { level: 'unknown', message: `${path} is a lock.`, ...holder };
    case 'fileless':
      return {
        level: 'warning',
        message: `The file of a backup is missing: ${path} has none next to it.`,
        fix: ['Move the file back there; remove the manifest only if the file is lost.'],
      };
  }
}
