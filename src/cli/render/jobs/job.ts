import { isKeeping, keptOf } from '../../../jobs/record/keeping-job.ts';
import { keptText } from './kept.ts';
import { type Job, isUnderWay, subjectOf } from '../../../jobs/record/job.ts';
import { type StatusOptions } from './status.ts';
import { stateText, settledText, percentSuffix, tookText } from './job-fields.ts';
import { leftAccountText, leftBy, noteText } from './job-fields.ts';
import { columns } from '../text/columns.ts';
import type { Paint } from '../text/paint.ts';
import { timeText, ageText, sizeText } from '../text/quantities.ts';
import { safeText, safeLines } from '../text/safe-text.ts';

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
    ['operation', `${job.operation} ${safeText(subjectOf(job))}`],
    ['state', stateText(job, paint) + settledText(job)],
    ['note', noteText(job, directory)],
    [isUnderWay(job) ? 'step' : 'last step', `${safeText(job.step)}${percentSuffix(job)}`],
    ['started', `${time(job.startedAt)}, ${ageText(job.startedAt, now)}`],
    ['finished', job.finishedAt === undefined ? undefined : time(job.finishedAt)],
    ['took', tookText(job)],
    ['server', job.server === undefined ? undefined : safeText(job.server)],
    ['process', `pid ${process.pid} on ${safeText(process.host)} by ${safeText(process.user)}`],
    ['command', safeText(job.command)],
    ['undoes', job.undoes === undefined ? undefined : `the restore ${job.undoes}`],
    [
      job.undoes === undefined ? 'backup' : 'brought back',
      result && `${safeText(result.path)} (${sizeText(result.sizeBytes)})`,
    ],
    ['safety backup', result?.safetyBackup === undefined ? undefined : safeText(result.safetyBackup)],
    ['keeps', isKeeping(job) ? keptText(keptOf(job), time) : undefined],
    ['to undo it', undoText(job)],
    ['error', error && `${safeText(error.message)} (${error.code})`],
    ['hint', error?.hint === undefined ? undefined : safeLines(error.hint)],
    ['left account', leftAccountText(job)],
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

/** The command that does; of a restore that replaced nothing, the SQL. */
function undoText({ result }: Job): string | undefined {
  if (result?.undoCommand !== undefined) return safeText(result.undoCommand);
  return result?.undoSql === undefined ? undefined : `in SQL: ${safeText(result.undoSql)}`;
}

/** A job's log, as it is but for what a terminal would obey. */
export function renderLog(log: string): string {
  return log === '' || log.endsWith('\n') ? safeLines(log) : `${safeLines(log)}\n`;
}
