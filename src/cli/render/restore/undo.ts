import type { SwapBackPlan, UndoOutcome, UndoPlan } from '../../../restore/undo/request.ts';
import { without } from '../../../sql/definitions/object-names.ts';
import { backupDocument } from '../create-outcome.ts';
import { columns } from '../text/columns.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { durationText, sizeText, timeText, type TimeText } from '../text/quantities.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import { wrapped, wrappedRows } from '../text/wrap.ts';
import { type Line, namesText, objectLine } from './object-lines.ts';
import { renderRestorePlan } from './plan.ts';

/** What an undo would do, as shown before the prompt and by `--dry-run`. */
export function renderUndoPlan(
  plan: UndoPlan,
  paint: Paint,
  time: TimeText = timeText,
  width = Infinity,
): string {
  const { job, database, startedAt, backup, undoes } = plan.restore;
  const what =
    undoes === undefined
      ? `Undo the restore ${job} of ${safeText(database)}`
      : `Redo the restore ${undoes} of ${safeText(database)}, by undoing its undo ${job}`;
  const from = backup === undefined ? '' : `, from ${safeText(backup)}`;
  const head = `${wrapped(paint.heading(what), width)}\n`;
  const when: Line = [undoes === undefined ? 'restored' : 'undone', `${time(startedAt)}${from}`];
  const lines = [
    when,
    ...laterLines(plan, paint, time),
    ...(plan.method === 'swap' ? swapLines(plan, paint) : [whyLine(plan.because)]),
  ];
  const table = columns(
    wrappedRows(
      lines.map(([name, text]) => [`  ${paint.faint(name)}`, text] as const),
      width,
    ),
  );
  if (plan.method === 'restore') {
    const hint = plan.hint === undefined ? '' : `${safeLines(plan.hint)}\n`;
    return `${head}${table}${hint}${renderRestorePlan(plan.plan, paint, time, width)}`;
  }
  const warnings = plan.warnings.map((warning) => `${paint.caution('warning:')} ${safeText(warning)}\n`);
  return head + table + wrapped(warnings.join(''), width);
}

/** Restores whose result goes with that of the one that is undone. */
function laterLines({ later }: UndoPlan, paint: Paint, time: TimeText): readonly Line[] {
  return later.map(({ job, startedAt, backup, undoes }) => {
    const what = undoes === undefined ? `the restore ${job}` : `the undo ${job} of ${undoes}`;
    const from = backup === undefined ? '' : `, from ${safeText(backup)}`;
    return [paint.bad('undoes too'), `${what} of ${time(startedAt)}${from}, which came later`];
  });
}

function whyLine(because: string): Line {
  return ['method', `restores its safety backup, because ${safeText(because)}`];
}

function swapLines(plan: SwapBackPlan, paint: Paint): readonly Line[] {
  const { target, brings, removes, writtenSince, keeping } = plan;
  const replaced = without(target.holds, without(target.holds, brings));
  return [
    ...(plan.createsDatabase ? ([['creates', `the database ${safeText(target.database)}`]] as const) : []),
    ...objectLine('replaces', replaced),
    ...objectLine('brings back', without(brings, target.holds)),
    ...objectLine(paint.bad('removes'), removes, ', which was not there before'),
    ...(plan.onlyTables === undefined
      ? []
      : ([['only', `${namesText(plan.onlyTables)}; everything else stays as it is`]] as const)),
    [
      'written since',
      writtenSince.length === 0
        ? 'nothing, as far as the server tells'
        : `${namesText(writtenSince)}; this is kept with the rest`,
    ],
    [
      'keeps',
      keeping === undefined
        ? 'nothing: nothing is replaced'
        : `what it replaces for ${durationText(keeping.forMs)}, for a redo; takes ${sizeText(keeping.sizeBytes)} on the server`,
    ],
    ['method', 'the previous tables, which were kept, are swapped back atomically'],
  ];
}

/** `shop is as it was before the restore 7f3a (took 120 ms)`. */
export function undoOutcomeText({ plan, durationMs, kept }: UndoOutcome): string {
  const { restore } = plan;
  const database = safeText(restore.database);
  const state =
    restore.undoes === undefined
      ? `is as it was before the restore ${restore.job}`
      : `is as it was before the undo ${restore.job}`;
  const old = kept === undefined ? '' : `; what was replaced is kept until ${timeText(kept.until)}`;
  return `${database} ${state}, in ${durationText(durationMs)}${old}`;
}

/** The `--json` document. */
export function undoOutcomeDocument(outcome: UndoOutcome): string {
  const { plan, job, durationMs, kept, safetyBackup, undoCommand, warnings } = outcome;
  const { target } = plan.method === 'swap' ? plan : plan.plan;
  return jsonDocument('undo', 0, {
    undone: {
      database: target.database,
      endpoint: target.endpoint,
      restore: plan.restore,
      method: plan.method,
      later: plan.later,
      writtenSince: plan.method === 'swap' ? plan.writtenSince : undefined,
      job,
      durationMs,
    },
    kept,
    safetyBackup: safetyBackup && backupDocument(safetyBackup),
    undoCommand,
    warnings,
  });
}
