import { type Backup, backupReference } from '../../../backups/record/backup.ts';
import type { PrunedBackup, PrunedFields } from '../../documents/backup-documents.ts';
import { PERIOD_RULES } from '../../../prune/periods.ts';
import { countText as keepText, policyText } from '../../../prune/policy.ts';
import type { PrunedDatabase, PruneOutcome, PruneRequest } from '../../../prune/request.ts';
import { spanText } from '../../../run/time/calendar-span.ts';
import { EXIT_CODES, isCancellation } from '../../../run/errors.ts';
import { failureFields } from '../failure.ts';
import { columns } from '../text/columns.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { countText, sizeText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';
import { wrappedRows } from '../text/wrap.ts';

type Asked = Pick<PruneRequest, 'dryRun'>;

/** The policy, and for each database what stays with its reasons, and what goes. */
export function renderPrune(outcome: PruneOutcome, asked: Asked, paint: Paint, width = Infinity): string {
  const { policy, timeZone, databases } = outcome;
  const rows = [
    ['Policy', `${policyText(policy)}, for each label`],
    ['Days begin in', timeZone],
  ] as const;
  const head = columns(
    wrappedRows(
      rows.map(([name, text]) => [paint.faint(name), text] as const),
      width,
    ),
  );
  return [head, ...databases.map((each) => renderDatabase(each, asked, paint, width))].join('\n');
}

function renderDatabase(pruned: PrunedDatabase, { dryRun }: Asked, paint: Paint, width: number): string {
  const { database, kept, removed, freedBytes } = pruned;
  const verb = dryRun ? 'would remove' : 'removed';
  const heading = `${safeText(database)}: keeps ${countText(kept.length, 'backup')}, ${verb} ${removed.length}${removed.length === 0 ? '' : ` (${sizeText(freedBytes)})`}`;
  const gone = new Set(removed);
  const reasons = new Map(kept.map((each) => [each.backup, each.reasons]));
  const all = [...reasons.keys(), ...gone].sort(newestFirst);
  const rows = all.map((backup) => {
    const texts = reasons.get(backup)?.map(({ text }) => safeText(text));
    const word = texts === undefined ? paint.bad(dryRun ? 'remove' : 'removed') : paint.good('keep');
    return [
      `  ${word}`,
      safeText(backupReference(backup)),
      sizeText(backup.sizeBytes),
      texts?.join(', ') ?? '',
    ];
  });
  return `${paint.heading(heading)}\n${fitted(rows, width)}`;
}

/** Reasons are broken into lines where the table would be wider than the terminal. */
function fitted(rows: readonly (readonly string[])[], width: number): string {
  if (rows.length === 0) return '';
  const left = columns(
    rows.map((row) => row.slice(0, -1)),
    { rightAligned: [2] },
  ).split('\n');
  return columns(
    wrappedRows(
      rows.map((row, index) => [left[index] ?? '', row.at(-1) ?? ''] as const),
      width,
    ),
  );
}

function newestFirst(a: Backup, b: Backup): number {
  return b.startedAt.localeCompare(a.startedAt) || b.name.localeCompare(a.name);
}

/** One removed `shop/manual_…` a line, for scripts. */
export function renderRemovedNames({ databases }: PruneOutcome): string {
  return databases
    .flatMap(({ removed }) => removed.map((backup) => `${safeText(backupReference(backup))}\n`))
    .join('');
}

/** `Removed 14 backups of 3 databases, 1.2 GB`. */
export function pruneSummary({ databases }: PruneOutcome, { dryRun }: Asked): string {
  const removed = databases.flatMap((each) => each.removed);
  const kept = databases.reduce((sum, each) => sum + each.kept.length, 0);
  const bytes = databases.reduce((sum, { freedBytes }) => sum + freedBytes, 0);
  const what =
    removed.length === 0 ? 'nothing' : `${countText(removed.length, 'backup')}, ${sizeText(bytes)}`;
  const of = countText(databases.length, 'database');
  return `${dryRun ? 'Would remove' : 'Removed'} ${what}; ${countText(kept, 'backup')} of ${of} ${kept === 1 ? 'stays' : 'stay'}`;
}

/** A cancellation's own code; partial when other databases were pruned; else the failures' own code if they agree. */
export function exitCodeOfPrune({ databases, failures }: PruneOutcome): number {
  if (failures.length === 0) return EXIT_CODES.ok.exitCode;
  const cancelled = failures.find(({ error }) => isCancellation(error));
  if (cancelled !== undefined) return cancelled.error.exitCode;
  const failed = new Set(failures.map(({ database }) => database));
  if (databases.some(({ database }) => !failed.has(database))) return EXIT_CODES.partial.exitCode;
  const [code = EXIT_CODES.failed.exitCode, ...others] = new Set(failures.map(({ error }) => error.exitCode));
  return others.length === 0 ? code : EXIT_CODES.failed.exitCode;
}

/** The `--json` document. */
export function pruneDocument(outcome: PruneOutcome, { dryRun }: Asked): string {
  const exitCode = exitCodeOfPrune(outcome);
  const failures = outcome.failures.map(({ database, error }) => ({ database, error: failureFields(error) }));
  const isOk = exitCode === EXIT_CODES.ok.exitCode;
  return jsonDocument('prune', exitCode, {
    ...(dryRun ? { dryRun } : {}),
    ...prunedFields(outcome),
    ...(isOk ? {} : { failures }),
  });
}

/** The same as a part of another document. */
export function prunedFields({ policy, timeZone, databases }: Omit<PruneOutcome, 'failures'>): PrunedFields {
  const counts = PERIOD_RULES.flatMap((rule) => {
    const count = policy.counts[rule];
    return count === undefined ? [] : [[rule, keepText(count)] as const];
  });
  return {
    policy: {
      ...Object.fromEntries(counts),
      within: policy.within && spanText(policy.within),
      safety: spanText(policy.safety),
      requiresCopy: policy.requiresCopy === true ? true : undefined,
    },
    timeZone,
    kept: databases.flatMap(({ kept }) =>
      kept.map(({ backup, reasons }) => ({ ...backupFields(backup), reasons })),
    ),
    removed: databases.flatMap(({ removed }) => removed.map(backupFields)),
    freedBytes: databases.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
  };
}

function backupFields(backup: Backup): PrunedBackup {
  const { name, database, path, label, startedAt, sizeBytes, state, problem } = backup;
  return { name, database, path, label, startedAt, sizeBytes, state, problem };
}
