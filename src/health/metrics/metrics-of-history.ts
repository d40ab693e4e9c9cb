import { EXIT_CODES } from '../../run/errors.ts';
import { isUnderWay, type Job } from '../../jobs/record/job.ts';
import { failedRunsOfAll } from '../../jobs/record/runs-of-all.ts';
import { isComplete, isInFuture, labelOf, type DatabaseHistory, type History } from '../history/history.ts';
import { lastRehearsedWell } from '../history/proofs.ts';
import { type MetricFamily, seconds } from './exposition.ts';

/** What a run of create has left. Times are RFC 3339. */
interface Success {
  readonly at: string;
  readonly sizeBytes: number;
  readonly durationMs: number;
}

interface Run {
  readonly at: string;
  readonly exitCode: number;
}

/** What is told of one database and label. */
interface Series {
  readonly database: string;
  readonly label: string;
  readonly success: Success | undefined;
  readonly run: Run | undefined;
  readonly rehearsedAt: string | undefined;
}

/**
 * The metrics of `--metrics-file`, from the records of all runs: so two runs that end at once tell the same, and a failed
 * one keeps the last success. Pure.
 */
export function metricsOf({
  databases,
  directory,
  jobs,
  now,
}: Pick<History, 'databases' | 'directory' | 'jobs' | 'now'>): readonly MetricFamily[] {
  const series = databases.flatMap((history) =>
    labelsOf(history).map((label) => seriesOf(withRunsOfAll(history, label, jobs), label, directory, now)),
  );
  const family = (
    name: string,
    help: string,
    valueOf: (each: Series) => number | undefined,
  ): MetricFamily => ({
    name: `dbbackup_${name}`,
    help,
    samples: series.flatMap((each) => {
      const value = valueOf(each);
      const { database, label } = each;
      return value === undefined ? [] : [{ labels: { database, label }, value }];
    }),
  });
  return [
    family(
      'last_success_timestamp_seconds',
      'When the newest complete backup was finished.',
      ({ success }) => success && seconds(success.at),
    ),
    family(
      'last_run_timestamp_seconds',
      'When create last ended, whatever came of it.',
      ({ run }) => run && seconds(run.at),
    ),
    family('last_exit_code', 'The exit code of that run; 0: a backup was made.', ({ run }) => run?.exitCode),
    family('backup_size_bytes', 'Size of the newest complete backup.', ({ success }) => success?.sizeBytes),
    family(
      'backup_duration_seconds',
      'How long the newest complete backup took.',
      ({ success }) => success && success.durationMs / 1000,
    ),
    family(
      'last_rehearsal_timestamp_seconds',
      'When a backup was last rehearsed with success.',
      ({ rehearsedAt }) => (rehearsedAt === undefined ? undefined : seconds(rehearsedAt)),
    ),
  ];
}

function labelsOf({ backups, creates }: DatabaseHistory): readonly string[] {
  const labels = [
    ...backups.map(({ manifest }) => manifest?.label),
    ...creates.filter(hasEnded).map(labelOf),
  ];
  return [...new Set(labels)].filter((label) => label !== undefined).sort();
}

/** Of a database whose last run with the label was one over all, a later one on that server that did not come so far is its last, too. */
function withRunsOfAll(history: DatabaseHistory, label: string, jobs: readonly Job[]): DatabaseHistory {
  const last = history.creates.find((job) => hasEnded(job) && labelOf(job) === label);
  if (last?.allDatabases !== true) return history;
  const failed = failedRunsOfAll(jobs).filter((job) => job.label === label && job.server === last.server);
  return { ...history, creates: [...failed, ...history.creates] };
}

function seriesOf(history: DatabaseHistory, label: string, directory: string, now: Date): Series {
  const { database } = history;
  const backups = history.backups.filter(({ manifest }) => manifest?.label === label);
  const jobs = history.creates.filter((job) => hasEnded(job) && labelOf(job) === label);
  const made = backups.filter(isComplete).map(({ manifest, sizeBytes }): Success => ({
    ...{ at: manifest.finishedAt, sizeBytes, durationMs: manifest.durationMs },
  }));
  const there = new Set(history.backups.map(({ path }) => path));
  // One that has been removed since was a success all the same; one that --output wrote elsewhere is not among these.
  const reported = jobs.flatMap(({ state, result, startedAt, finishedAt }): readonly Success[] => {
    if (state !== 'succeeded' || result === undefined || finishedAt === undefined) return [];
    if (!result.path.startsWith(`${directory}/`) || there.has(result.path)) return [];
    const durationMs = Math.max(0, seconds(finishedAt) - seconds(startedAt)) * 1000;
    return [{ at: finishedAt, sizeBytes: result.sizeBytes, durationMs }];
  });
  const success = latest(made, now) ?? latest(reported, now);
  const runs = jobs.map(({ finishedAt, startedAt, state, error }): Run => ({
    at: finishedAt ?? startedAt,
    exitCode: EXIT_CODES[state === 'succeeded' ? 'ok' : (error?.code ?? 'failed')].exitCode,
  }));
  return {
    ...{ database, label, success },
    // Of old runs only the backups are left.
    run: latest(runs, now) ?? (success && { at: success.at, exitCode: EXIT_CODES.ok.exitCode }),
    rehearsedAt: lastRehearsedWell({ backups }, now)?.at,
  };
}

function hasEnded(job: Job): boolean {
  return !isUnderWay(job);
}

/** Of those that are not dated in the future: such a one would be the latest for too long. */
function latest<T extends { readonly at: string }>(all: readonly T[], now: Date): T | undefined {
  return all.filter(({ at }) => !isInFuture(at, now)).sort((a, b) => seconds(b.at) - seconds(a.at))[0];
}
