import prettyBytes from 'pretty-bytes';
import { readBackups } from '../../backups/directory/read-backups.ts';
import { findLeftovers, findManifestsAlone } from '../../backups/directory/leftovers.ts';
import { listDatabaseFolders } from '../../backups/directory/layout.ts';
import { lockPath } from '../../backups/directory/layout.ts';
import { readLock } from '../../locks/lock-file.ts';
import { ownerOf } from '../../files/ownership.ts';
import { identifyProcess, judgeProcess } from '../../locks/processes.ts';
import type { Finding } from '../finding/finding.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { CommandHere } from '../../run/further-command.ts';
import {
  isBringingBack,
  isKeeping,
  type KeepingJob,
  keptOf,
  removalByHand,
} from '../../jobs/record/keeping-job.ts';
import { isUnderWay, leavesSomething } from '../../jobs/record/job.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { LockRecord } from '../../locks/lock-record.ts';
import type { ProcessIdentity } from '../../locks/process-identity.ts';
import { leftInPlace } from '../../jobs/record/in-place-journal.ts';
import { untrustedText, wayOutOfUntrusted } from '../../jobs/record/untrusted-job.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { SwapStep } from '../../jobs/record/swap-journal.ts';
import { isBackedUp } from '../../jobs/backed-up.ts';
import { failedBeforeBackup } from '../../jobs/failed-before-backup.ts';
import { orProblem } from '../finding/finding-of-failure.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readReadableJobs } from '../../jobs/read-jobs.ts';

const CHECK = 'leftovers';

/** What interrupted runs left in the backup directory. Nothing is removed here. */
export async function examineLeftovers(
  {
    directory,
    databases,
    commandHere,
  }: {
    readonly directory: string;
    readonly databases: readonly string[];
    readonly commandHere: CommandHere;
  },
  runtime: Runtime,
): Promise<readonly Finding[]> {
  const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  const isAsked = (database: string): boolean => databases.length === 0 || databases.includes(database);
  const findings: Finding[] = [];
  for (const database of (await listDatabaseFolders(directory)).filter(isAsked)) {
    findings.push(
      ...(await orProblem({ check: CHECK, database }, () =>
        examineOne({ directory, database, commandHere }, self, runtime),
      )),
    );
  }
  const found = await readReadableJobs(directory, runtime);
  const jobs = found.map(({ job }) => job);
  const keeping: Finding[] = [];
  for (const { job, directory: keptIn } of found.filter(({ job }) => isAsked(job.database))) {
    const place = { directory, keptIn, commandHere };
    findings.push(...examineJob(job, place, runtime));
    if (isKeeping(job)) keeping.push(...(await keptFindings(job, jobs, place, runtime.now())));
  }
  if (findings.length > 0) return [...findings, ...keeping];
  return [
    ...keeping,
    { level: 'ok', check: CHECK, message: `There is nothing left by interrupted runs in ${directory}.` },
  ];
}

/** Nothing is wrong with them, but they take room. */
async function keptFindings(
  job: KeepingJob,
  jobs: readonly Job[],
  { directory, keptIn, commandHere }: Omit<Place, 'database'> & { readonly keptIn: string },
  now: Date,
): Promise<readonly Finding[]> {
  const { database, schema, sizeBytes, until } = keptOf(job);
  const size = prettyBytes(sizeBytes);
  if (until > now.toISOString()) {
    const message = `The tables of ${database} before the restore ${job.id} are kept until ${until.slice(0, 19).replace('T', ' ')} UTC, for ${commandHere('undo', [job.id])} (${size}, in ${schema}).`;
    return [{ level: 'ok', check: CHECK, database, message }];
  }
  if (jobs.some((other) => isBringingBack(other, job.id))) return []; // an interrupted restore, told of as one
  // A first backup would be the beginning of more: from then on `health` wants one every night.
  const own = jobs.filter((other) => other.database === database);
  const isHere = keptIn === directory;
  const isItsTurn = isHere && isBackedUp(await readBackups(directory, database), own);
  const byHand = isHere
    ? `Only a backup or restore of ${database} would remove them, and nobody backs it up here: remove them by SQL, then the files of the job.`
    : `The restore could only read the backup directory, so no backup made here knows of them: remove them by SQL, then the files of the job.`;
  return [
    {
      ...{ level: 'warning', check: CHECK, database },
      message: `The time is over for which the tables of ${database} before the restore ${job.id} were kept (${size}, in ${schema}).`,
      why: isItsTurn ? `The next backup or restore of ${database} removes them.` : byHand,
      fix: isItsTurn ? [commandHere('create', [database])] : removalByHand(job, keptIn),
    },
  ];
}

interface Place {
  readonly directory: string;
  readonly database: string;
  readonly commandHere: CommandHere;
}

async function examineOne(
  place: Place,
  self: ProcessIdentity,
  runtime: Runtime,
): Promise<readonly Finding[]> {
  const { directory, database } = place;
  const path = lockPath(directory, database);
  const lock = await readLock(path);
  if (lock === 'unreadable') {
    return [
      {
        level: 'problem',
        check: CHECK,
        database,
        message: `${path} exists but is not a dbbackup lock.`,
        why: `No backup or restore of ${database} can start while it exists.`,
        fix: [`rm ${shellWord(path)}`],
      },
    ];
  }
  if (lock === 'forbidden') {
    return [
      {
        level: 'problem',
        check: CHECK,
        database,
        message: `${path} cannot be read by you; it belongs to ${ownerOf(path) ?? 'another user'}.`,
        why: `No backup or restore of ${database} can start while it exists. Remove it only if no run of that user is using it any more.`,
        fix: [`sudo rm ${shellWord(path)}`],
      },
    ];
  }
  if (lock === undefined) return examinePartials(place, runtime);
  switch (await judgeProcess(lock.process, self)) {
    case 'alive':
      return [
        {
          level: 'ok',
          check: CHECK,
          database,
          message: `${runText(lock)} is running; its files are not leftovers.`,
        },
      ];
    case 'unknown':
      return [
        {
          level: 'warning',
          check: CHECK,
          database,
          message: `${runText(lock)} holds ${path}; whether it is still running cannot be checked from here.`,
          why: `No other backup or restore of ${database} can start until then. Remove the lock only if that host or container no longer exists.`,
          fix: [
            furtherCommand(directory, 'status', [lock.job], [], runtime.program),
            `rm ${shellWord(path)}`,
          ],
        },
      ];
    case 'gone':
      return [
        {
          level: 'warning',
          check: CHECK,
          database,
          message: `${runText(lock)} was interrupted, and its lock still exists: ${path}.`,
          why: `The next backup or restore of ${database} takes it over automatically.`,
          fix: [createCommand(place)],
        },
        ...(await examinePartials(place, runtime)),
      ];
  }
}

async function examinePartials(place: Place, runtime: Runtime): Promise<readonly Finding[]> {
  const { directory, database } = place;
  const leftovers = await findLeftovers(directory, database, (id) =>
    failedBeforeBackup(id, directory, runtime),
  );
  const alone = await findManifestsAlone(directory, database);
  const left = leftovers.map(({ path, sizeBytes }): Finding => ({
    level: 'warning',
    check: CHECK,
    database,
    message: `An interrupted run left ${path} (${prettyBytes(sizeBytes)}).`,
    why: `The next backup or restore of ${database} removes it automatically.`,
    fix: [createCommand(place)],
  }));
  const missing = alone.filter((manifest) => !leftovers.some(({ path }) => path === manifest));
  return [...left, ...missing.map((manifest) => fileMissing(database, manifest))];
}

function fileMissing(database: string, manifest: string): Finding {
  return {
    level: 'warning',
    check: CHECK,
    database,
    message: `The file of a backup is missing: ${manifest} has no backup file next to it.`,
    why: 'list does not show the backup, and it cannot be restored. Move its file back there. Remove the manifest only if the file is lost.',
    fix: [`rm ${shellWord(manifest)}`],
  };
}

/** An interrupted restore; `status` reports it, too. */
function examineJob(
  job: Job,
  { directory, keptIn, commandHere }: Omit<Place, 'database'> & { readonly keptIn: string },
  { program }: Runtime,
): readonly Finding[] {
  const { id, database, swap, replacing, untrusted } = job;
  if (isUnderWay(job) || !leavesSomething(job)) return [];
  if (untrusted !== undefined) {
    return [
      {
        level: 'warning',
        check: CHECK,
        database,
        message: `The restore ${id} of ${database} was interrupted.`,
        why: `${untrustedText(job, untrusted, keptIn)}, so nothing is done because that file says so.`,
        fix: wayOutOfUntrusted(job, untrusted, keptIn, program).split('\n').slice(-1),
      },
    ];
  }
  if (replacing !== undefined) {
    return [
      {
        level: 'warning',
        check: CHECK,
        database,
        message: `The restore ${id} of ${database} was interrupted in place: ${leftInPlace(database)}`,
        why: `Backups made since then may be incomplete, too. This is reported until a restore of ${database} succeeds.`,
        fix: [replacing.returnCommand ?? replacing.restoreCommand].flatMap((command) => command ?? []),
      },
    ];
  }
  if (swap === undefined) return [];
  return [
    {
      level: 'warning',
      check: CHECK,
      database,
      message: `The restore ${id} of ${database} was interrupted: ${STATES[swap.step]} Its tables are in ${swap.stage} or ${swap.old}.`,
      why:
        keptIn === directory
          ? `The next backup or restore of ${database} completes it or rolls it back automatically.`
          : `It could only read the backup directory, and its job is in ${keptIn}: no backup made here completes it or rolls it back.`,
      fix: [swap.resumeCommand ?? commandHere('restore', [], ['--resume', id])],
    },
  ];
}

const STATES = {
  staging: 'the database is unchanged.',
  swapping: "the database has its old tables or the backup's; it is not known yet which.",
  finishing: 'views, routines, triggers and events may be missing.',
  saving: 'the database is restored; what others wrote late is not in its safety backup yet.',
  clearing: 'the database is restored.',
} as const satisfies Record<SwapStep, string>;

function runText({ operation, database, job, process }: LockRecord): string {
  return `The ${operation} ${job} of ${database} (pid ${process.pid} on ${process.host})`;
}

function createCommand({ database, commandHere }: Place): string {
  return commandHere('create', [database]);
}
