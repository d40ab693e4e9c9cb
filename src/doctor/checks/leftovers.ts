import prettyBytes from 'pretty-bytes';
import { findLeftovers, findManifestsAlone } from '../../backups/directory/leftovers.ts';
import { listDatabaseFolders } from '../../backups/directory/layout.ts';
import { lockPath } from '../../backups/directory/layout.ts';
import { readLock } from '../../locks/lock-file.ts';
import { ownerOf } from '../../files/ownership.ts';
import { identifyProcess, judgeProcess } from '../../locks/processes.ts';
import type { Finding } from '../finding/finding.ts';
import { furtherCommand } from '../../run/further-command.ts';
import type { CommandHere } from '../../run/further-command.ts';
import { isUnderWay } from '../../jobs/record/job.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { LockRecord } from '../../locks/lock-record.ts';
import type { ProcessIdentity } from '../../locks/process-identity.ts';
import { leftInPlace } from '../../jobs/record/in-place-journal.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { SwapStep } from '../../jobs/record/swap-journal.ts';
import { failedBeforeBackup } from '../../jobs/failed-before-backup.ts';
import { orProblem } from '../finding/finding-of-failure.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readStatus } from '../../jobs/read-status.ts';

const CHECK = 'leftovers';

/** What dead runs have left in the backup directory. Nothing of it is removed here. */
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
  const { jobs } = await readStatus({ directory }, runtime);
  for (const job of jobs) if (isAsked(job.database)) findings.push(...examineJob(job, commandHere));
  if (findings.length > 0) return findings;
  return [{ level: 'ok', check: CHECK, message: `No dead run has left anything in ${directory}.` }];
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
        message: `${path} is there, but it is no lock of dbbackup.`,
        why: `No backup or restore of ${database} begins as long as it is there.`,
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
        message: `${path} cannot be read by this login; it belongs to ${ownerOf(path) ?? 'another user'}.`,
        why: `No backup or restore of ${database} begins as long as it is there. Only if no run of that user has it any more, remove it.`,
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
          message: `${runText(lock)} runs now; what it has begun is no leftover.`,
        },
      ];
    case 'unknown':
      return [
        {
          level: 'warning',
          check: CHECK,
          database,
          message: `${runText(lock)} holds ${path}; whether it still runs cannot be told from here.`,
          why: `No other backup or restore of ${database} begins until then. Only if that host or container is gone for good, remove the lock.`,
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
          message: `${runText(lock)} is dead, and its lock is still there: ${path}.`,
          why: `The next backup or restore of ${database} takes it over by itself.`,
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
    message: `A dead run has left ${path} (${prettyBytes(sizeBytes)}).`,
    why: `The next backup or restore of ${database} removes it by itself.`,
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
    message: `The file of a backup is missing: beside ${manifest} there is none.`,
    why: 'list does not show the backup, and it cannot be restored. Put its file back beside that one; only if it is gone for good, remove what is left of it.',
    fix: [`rm ${shellWord(manifest)}`],
  };
}

/** A restore that ended before it was over; `status` says so, too. */
function examineJob(job: Job, commandHere: CommandHere): readonly Finding[] {
  const { id, database, swap, replacing } = job;
  if (isUnderWay(job)) return [];
  if (replacing !== undefined) {
    return [
      {
        level: 'warning',
        check: CHECK,
        database,
        message: `The restore ${id} of ${database} was cut off in place: ${leftInPlace(database)}`,
        why: `Backups that were made since then may hold no more; this is told until a restore of ${database} succeeds.`,
        fix: [replacing.returnCommand ?? replacing.restoreCommand],
      },
    ];
  }
  if (swap === undefined) return [];
  return [
    {
      level: 'warning',
      check: CHECK,
      database,
      message: `The restore ${id} of ${database} was cut off: ${STATES[swap.step]} What it made is in ${swap.stage} or ${swap.old}.`,
      why: `The next backup or restore of ${database} finishes it, or takes it back, by itself.`,
      fix: [swap.resumeCommand ?? commandHere('restore', [], ['--resume', id])],
    },
  ];
}

const STATES = {
  staging: 'the database is as it was.',
  swapping: "the database has its old tables or the backup's; which is not known yet.",
  finishing: 'views, routines, triggers and events may be missing.',
  clearing: 'the database is restored.',
} as const satisfies Record<SwapStep, string>;

function runText({ operation, database, job, process }: LockRecord): string {
  return `The ${operation} ${job} of ${database} (pid ${process.pid} on ${process.host})`;
}

function createCommand({ database, commandHere }: Place): string {
  return commandHere('create', [database]);
}
