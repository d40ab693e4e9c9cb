import { furtherCommand } from '../../../run/further-command.ts';
import { subjectOf, type Job } from '../../../jobs/record/job.ts';
import type { DatabaseStatus, Status } from '../../../jobs/record/status.ts';
import { keptText } from './kept.ts';
import { columns, firstThatFits } from '../text/columns.ts';
import { wrapped } from '../text/wrap.ts';
import type { Paint } from '../text/paint.ts';
import { ageText, durationText, sizeText, timeText } from '../text/quantities.ts';
import type { TimeText } from '../text/quantities.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import {
  leftAccountText,
  leftBy,
  onServer,
  percentSuffix,
  settledText,
  stateText,
  tookText,
} from './job-fields.ts';

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
    ['Kept for undo', renderKept(status, time, program)],
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

function renderRunning(job: Job, now: Date): string {
  const since = durationText(now.getTime() - new Date(job.startedAt).getTime());
  const { pid, host, user } = job.process;
  return (
    `${job.operation} ${safeText(subjectOf(job))}${onServer(job)}: ${safeText(job.step)}${percentSuffix(job)}\n` +
    `  job ${job.id}, since ${since}, pid ${pid} on ${safeText(host)} by ${safeText(user)}\n`
  );
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
  // Only where there are rehearsals, because the column makes the table wider.
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
  const account = leftAccountText(job);
  return (
    `${safeText(subjectOf(job))}${onServer(job)}: ${job.operation} ${stateText(job, paint)} ${ageText(job.startedAt, now)}${why}\n` +
    hint +
    (account === undefined ? '' : `  ${account}\n`) +
    (left === undefined ? '' : `  ${left.state}\n  ${left.wayOut.replaceAll('\n', '\n  ')}\n`) +
    `  ${safeText(furtherCommand(directory, 'status', [job.id], ['--log'], program))}\n`
  );
}

function renderKept({ kept, directory }: Status, time: TimeText, program: string | undefined): string {
  return kept
    .map(
      (each) =>
        `${keptText(each, time)}\n  ${safeText(furtherCommand(directory, 'undo', [each.job], [], program))}\n`,
    )
    .join('');
}

function renderJobs(jobs: readonly Job[], now: Date, paint: Paint, width: number): string {
  if (jobs.length === 0) return '';
  const head = ['JOB', 'OPERATION', 'DATABASE', 'STATE', 'STARTED', 'TOOK'].map(paint.heading);
  const rows = jobs.map((job) => [
    job.id,
    job.operation,
    safeText(subjectOf(job)),
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
