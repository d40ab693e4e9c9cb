import prettyBytes from 'pretty-bytes';
import { backupReference } from '../../backups/record/backup.ts';
import type { Check, Subject, Verdict } from '../check.ts';
import { ageMs, completeBackups, type CompleteBackup, type DatabaseHistory } from '../history/history.ts';

const NAME = 'size';

/** A backup is compared with as many as there are before it, up to this many. */
const COMPARED = 7;

/** The rows of a smaller table come and go. */
const SMALLEST_TABLE_BYTES = 1024 * 1024;

/**
 * Whether the newest backup of each label, or a table in it, is much smaller than the ones before: of its label, or where
 * there are none, the newest of any.
 */
export const size: Check = {
  name: NAME,
  threshold: 'maxSizeDrop',
  judge: (subject) => subject.history.databases.flatMap((database) => judgeOne(database, subject)),
};

function judgeOne(history: DatabaseHistory, subject: Subject): readonly Verdict[] {
  const { maxSizeDrop } = subject.thresholds;
  if (maxSizeDrop === undefined) return [];
  const complete = completeBackups(history);
  const labels = new Set(complete.map(({ manifest }) => manifest.label));
  return [...labels].flatMap((label) => {
    const [newest, ...same] = complete.filter(({ manifest }) => manifest.label === label);
    if (newest === undefined || isPast(newest, complete, subject)) return [];
    const [beforeIt] = complete.slice(complete.indexOf(newest) + 1);
    const before = same.length === 0 && beforeIt !== undefined ? [beforeIt] : same.slice(0, COMPARED);
    return before.length === 0 ? [notCompared(newest)] : compare(newest, before, maxSizeDrop);
  });
}

/** What a label that is no longer used once lost is no news. */
function isPast(
  { manifest }: CompleteBackup,
  complete: readonly CompleteBackup[],
  { history: { now }, thresholds: { maxAgeMs } }: Subject,
): boolean {
  return manifest !== complete[0]?.manifest && ageMs(manifest.finishedAt, now) > (maxAgeMs ?? Infinity);
}

function notCompared({ manifest, ...backup }: CompleteBackup): Verdict {
  const message = `${backupReference(backup)} has ${prettyBytes(manifest.file.uncompressedBytes)} of SQL; not compared: the first of its label.`;
  return { level: 'ok', check: NAME, database: manifest.database, message };
}

/** @param before Newest first; at least one. */
function compare(
  { manifest, ...newest }: CompleteBackup,
  before: readonly CompleteBackup[],
  maxDrop: number,
): readonly Verdict[] {
  const { database, tables, file } = manifest;
  const reference = backupReference(newest);
  const than =
    before.length === 1 ? 'the one before it has' : `the median of the ${before.length} before it is`;
  const verdicts: Verdict[] = [];
  const judge = (what: string, bytes: number, usualBytes: number): void => {
    const drop = 1 - bytes / usualBytes;
    if (usualBytes <= 0 || drop <= maxDrop) return;
    const message =
      `${reference}: ${what} lost ${percent(drop)} ` +
      `(${prettyBytes(bytes)} of SQL; ${than} ${prettyBytes(usualBytes)}; ${percent(maxDrop)} is allowed).`;
    verdicts.push({ level: 'critical', check: NAME, database, message });
  };
  judge(
    'the backup',
    file.uncompressedBytes,
    median(before.map((each) => each.manifest.file.uncompressedBytes)),
  );

  const now = new Map(tables.map(({ name, uncompressedBytes }) => [name, uncompressedBytes]));
  const then = before.map(
    (each) => new Map(each.manifest.tables.map(({ name, uncompressedBytes }) => [name, uncompressedBytes])),
  );
  for (const table of new Set(then.flatMap((sizes) => [...sizes.keys()]))) {
    const usualBytes = median(then.map((sizes) => sizes.get(table) ?? 0));
    const bytes = now.get(table);
    if (usualBytes <= SMALLEST_TABLE_BYTES) continue;
    judge(
      bytes === undefined ? `the table ${table} is missing; it` : `the table ${table}`,
      bytes ?? 0,
      usualBytes,
    );
  }
  if (verdicts.length > 0) return verdicts;
  const message = `${reference} has ${prettyBytes(file.uncompressedBytes)} of SQL; no table lost more than ${percent(maxDrop)}.`;
  return [{ level: 'ok', check: NAME, database, message }];
}

/** The one in the middle; of an even number, the mean of the two. @param values At least one. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Rounded down, so that what is not everything is never told as 100 %. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
