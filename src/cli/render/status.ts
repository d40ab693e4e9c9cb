import { furtherCommand } from '../../run/further-command.ts';
import { isReplacing, isUnderWay, isUnsettled } from '../../jobs/record/job.ts';
import type { Job, UnsettledJob } from '../../jobs/record/job.ts';
import { leftInPlace, wayOutOf } from '../../jobs/record/in-place-journal.ts';
import type { DatabaseStatus, Status } from '../../jobs/record/status.ts';
import { columns, firstThatFits } from './text/columns.ts';
import { wrapped } from './wrap.ts';
import type { Paint } from './text/paint.ts';
import { ageText, durationText, percentOf, sizeText, timeText } from './text/quantities.ts';
import type { TimeText } from './text/quantities.ts';
import { safeLines, safeText } from './text/safe-text.ts';

export interface StatusOptions {
  /** Of the terminal. */
  readonly width?: number | undefined;
  /** How dbbackup was started, for commands. */
  readonly program?: string | undefined;
  readonly time?: TimeText | undefined;
}

/**
 * `dbbackup status`: what runs, each database, what went wrong, recent runs.
 *
 * @param width Of the terminal.
 * @param program How dbbackup was started, for commands to type.
 */
export function renderStatus(
  status: Status,
  now: Date,
  paint: Paint,
  { width = Infinity, program, time = timeText }: StatusOptions = {},
): string {
  const { problems } = status;
  const sections: (readonly [heading: string, text: string])[] = [
    ['Running now', status.running.map((job) => renderRunning(job, now)).join('') || 'nothing\n'],
    ['Databases', renderDatabases(status.databases, now, paint, { width: width - INDENT.length, time })],
    ['Problems', problems.map((job) => renderProblem(job, status.directory, now, paint, program)).join('')],
    ['Recent jobs', renderJobs(status.jobs.slice(0, RECENT), now, paint, width - INDENT.length)],
  ];
  return sections
    .filter(([, text]) => text !== '')
    .map(
      ([heading, text]) => `${paint.heading(heading)}\n${wrapped(text.replace(/^(?=.)/gm, INDENT), width)}`,
    )
    .join('\n')
    .concat(standInText(status));
}

function standInText({ directory, standIn }: Status): string {
  if (standIn === undefined) return '';
  return `\nJob files and safety backups of runs that may not write to ${safeText(directory)} are in\n${safeText(standIn)}\n`;
}

const INDENT = '  ';
const RECENT = 10;

/**
 * `dbbackup status <job>`.
 *
 * @param directory The backup directory, absolute.
 */
export function renderJob(
  job: Job,
  directory: string,
  now: Date,
  paint: Paint,
  { program, time = timeText }: Omit<StatusOptions, 'width'> = {},
): string {
  const { result, error, process } = job;
  const left = leftBy(job, directory, program);
  const lines: (readonly [string, string | undefined])[] = [
    ['job', job.id],
    ['operation', `${job.operation} ${safeText(job.database)}`],
    ['state', stateText(job, paint) + settledText(job)],
    ['note', job.unproven && unprovenText(job)],
    [isUnderWay(job) ? 'step' : 'last step', `${safeText(job.step)}${percentSuffix(job)}`],
    ['started', `${time(job.startedAt)}, ${ageText(job.startedAt, now)}`],
    ['finished', job.finishedAt === undefined ? undefined : time(job.finishedAt)],
    ['took', tookText(job)],
    ['server', job.server === undefined ? undefined : safeText(job.server)],
    ['process', `pid ${process.pid} on ${safeText(process.host)} by ${safeText(process.user)}`],
    ['command', safeText(job.command)],
    ['backup', result && `${safeText(result.path)} (${sizeText(result.sizeBytes)})`],
    ['safety backup', result?.safetyBackup === undefined ? undefined : safeText(result.safetyBackup)],
    ['to undo it', result?.undoCommand === undefined ? undefined : safeText(result.undoCommand)],
    ['error', error && `${safeText(error.message)} (${error.code})`],
    ['hint', error?.hint === undefined ? undefined : safeLines(error.hint)],
    ['left', left?.state],
    ['to settle it', left?.wayOut],
  ];
  return columns(
    lines.flatMap(([name, text]) => {
      const [first, ...more] = text?.split('\n') ?? [];
      return first === undefined ? [] : [[paint.faint(name), first], ...more.map((line) => ['', line])];
    }),
  );
}

/** A job's log, as it is but for what a terminal would obey. */
export function renderLog(log: string): string {
  return log === '' || log.endsWith('\n') ? safeLines(log) : `${safeLines(log)}\n`;
}

function renderRunning(job: Job, now: Date): string {
  const since = durationText(now.getTime() - new Date(job.startedAt).getTime());
  const { pid, host, user } = job.process;
  return (
    `${job.operation} ${safeText(job.database)}${onServer(job)}: ${safeText(job.step)}${percentSuffix(job)}\n` +
    `  job ${job.id}, since ${since}, pid ${pid} on ${safeText(host)} by ${safeText(user)}\n`
  );
}

/** ` on db:3306`; empty for a job of release 0.1.0. */
function onServer({ server }: Job): string {
  return server === undefined ? '' : ` on ${safeText(server)}`;
}

/** Where times would make it too wide, ages alone are shown. */
function renderDatabases(
  databases: readonly DatabaseStatus[],
  now: Date,
  paint: Paint,
  { width, time }: { readonly width: number; readonly time: TimeText },
): string {
  if (databases.length === 0) return '';
  const table = (whenText: (at: string) => string) => (): string =>
    databasesTable(databases, paint, whenText);
  return firstThatFits(
    width,
    table((at) => `${time(at)}, ${ageText(at, now)}`),
    table((at) => ageText(at, now)),
    () => databasesTable(databases, paint, (at) => ageText(at, now), width),
  );
}

function databasesTable(
  databases: readonly DatabaseStatus[],
  paint: Paint,
  whenText: (at: string) => string,
  narrow?: number,
): string {
  // Only where somebody rehearses: it would make the table wider for all others.
  const rehearses = databases.some(({ lastRehearsal }) => lastRehearsal !== undefined);
  const head = [
    ...['DATABASE', 'LAST BACKUP', 'SIZE', 'LAST RESTORE', 'BACKUPS', 'ALL'],
    ...(rehearses ? ['LAST REHEARSAL'] : []),
  ].map(paint.heading);
  const when = (at: string | undefined): string => (at === undefined ? 'never' : whenText(at));
  const rows = databases.map(
    ({ database, lastBackup, lastRehearsal, lastRestore, backups, totalSizeBytes }) => [
      safeText(database),
      when(lastBackup?.startedAt),
      lastBackup === undefined ? '' : sizeText(lastBackup.sizeBytes),
      when(lastRestore?.startedAt),
      String(backups),
      sizeText(totalSizeBytes),
      ...(rehearses
        ? [(lastRehearsal?.ok === false ? `${paint.bad('failed')} ` : '') + when(lastRehearsal?.at)]
        : []),
    ],
  );
  if (narrow === undefined) return columns([head, ...rows], { rightAligned: [2, 4, 5] });
  const few = [head, ...rows].map((row) => row.filter((_, index) => index !== 4 && index !== 5));
  return columns(few, { rightAligned: [2], fit: { width: narrow, column: 0 } });
}

function renderProblem(
  job: Job,
  directory: string,
  now: Date,
  paint: Paint,
  program: string | undefined,
): string {
  const why = job.error === undefined ? '' : `: ${safeText(job.error.message)}`;
  const hint =
    job.error?.hint === undefined ? '' : `  ${safeLines(job.error.hint).replaceAll('\n', '\n  ')}\n`;
  const left = leftBy(job, directory, program);
  return (
    `${safeText(job.database)}${onServer(job)}: ${job.operation} ${stateText(job, paint)} ${ageText(job.startedAt, now)}${why}\n` +
    hint +
    (left === undefined ? '' : `  ${left.state}\n  ${left.wayOut.replaceAll('\n', '\n  ')}\n`) +
    `  ${safeText(furtherCommand(directory, 'status', [job.id], ['--log'], program))}\n`
  );
}

function unprovenText(job: Job): string {
  const may = isUnderWay(job) ? 'be dead, though its lock is there' : 'run still';
  return `It may ${may}: its process is out of sight from here.`;
}

/** Of a job that has ended while what it was about has not: how things stand, and what to type. */
function leftBy(
  job: Job,
  directory: string,
  program: string | undefined,
): { readonly state: string; readonly wayOut: string } | undefined {
  if (isUnderWay(job)) return undefined;
  if (isUnsettled(job)) return { state: leftText(job), wayOut: resumeText(job, directory, program) };
  if (!isReplacing(job)) return undefined;
  const { database, replacing } = job;
  return { state: safeText(leftInPlace(database)), wayOut: safeLines(wayOutOf(replacing, database)) };
}

/** In which state a restore left its target, and what of it is on the server. */
function leftText({ database, swap: { step, stage, old } }: UnsettledJob): string {
  const target = safeText(database);
  switch (step) {
    case 'staging':
      return `${target} is as it was; the staging schema ${stage} is left on the server.`;
    case 'swapping':
      return `${target} has its old tables or the backup's; which is not known yet. The others are in ${old} or ${stage}.`;
    case 'finishing':
      return `${target} has the backup's tables; views, routines, triggers and events may be missing. The old tables are in ${old}.`;
    case 'clearing':
      return `${target} is restored; its old tables are still on the server, in ${old}.`;
  }
}

function resumeText(
  { id, database, swap }: UnsettledJob,
  directory: string,
  program: string | undefined,
): string {
  const command = swap.resumeCommand ?? furtherCommand(directory, 'restore', [], ['--resume', id], program);
  return `The next create or restore of ${safeText(database)} settles it, or at once:\n${safeText(command)}`;
}

function renderJobs(jobs: readonly Job[], now: Date, paint: Paint, width: number): string {
  if (jobs.length === 0) return '';
  const head = ['JOB', 'OPERATION', 'DATABASE', 'STATE', 'STARTED', 'TOOK'].map(paint.heading);
  const rows = jobs.map((job) => [
    job.id,
    job.operation,
    safeText(job.database),
    `${stateText(job, paint)}${job.unproven ? '?' : ''}${settledText(job)}`,
    ageText(job.startedAt, now),
    tookText(job) ?? '',
  ]);
  const table = [head, ...rows];
  return firstThatFits(
    width,
    () => columns(table),
    () =>
      columns(
        table.map((row) => row.slice(0, -1)),
        { fit: { width, column: 2 } },
      ),
  );
}

function stateText({ state }: Job, paint: Paint): string {
  switch (state) {
    case 'succeeded':
      return paint.good(state);
    case 'failed':
    case 'timed-out':
    case 'interrupted':
      return paint.bad(state);
    case 'cancelled':
      return paint.caution(state);
    case 'accepted':
    case 'running':
      return state;
  }
}

function settledText({ settled }: Job): string {
  return settled === undefined ? '' : settled === 'completed' ? ', completed since' : ', rolled back since';
}

function percentSuffix({ state, progress }: Job): string {
  const percent =
    state === 'running' && progress ? percentOf(progress.doneBytes, progress.totalBytes) : undefined;
  return percent === undefined ? '' : ` ${percent} %`;
}

function tookText({ startedAt, finishedAt }: Job): string | undefined {
  if (finishedAt === undefined) return undefined;
  return durationText(new Date(finishedAt).getTime() - new Date(startedAt).getTime());
}
