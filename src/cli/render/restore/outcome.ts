import type { RestoreOutcome } from '../../../restore/request.ts';
import { backupDocument } from '../create-outcome.ts';
import { jsonDocument } from '../text/json.ts';
import { durationText } from '../text/quantities.ts';

/** `shop restored from shop/manual_2026-11-22_03-00-00 in 3 s`. */
export function restoreOutcomeText({ plan, durationMs }: RestoreOutcome): string {
  return `${plan.target.database} restored from ${plan.backup.reference} in ${durationText(durationMs)}`;
}

/** The `--json` document. */
export function restoreOutcomeDocument(outcome: RestoreOutcome): string {
  return jsonDocument('restore', true, restoredFields(outcome));
}

/** What a document says of one database. */
export function restoredFields(outcome: RestoreOutcome): object {
  const { plan, job, durationMs, safetyBackup, undoCommand, kept, lateWrites, warnings } = outcome;
  return {
    restored: {
      database: plan.target.database,
      endpoint: plan.target.endpoint,
      backup: plan.backup,
      method: plan.method,
      removed: plan.removes,
      job,
      durationMs,
    },
    safetyBackup: safetyBackup && backupDocument(safetyBackup),
    undoCommand,
    kept,
    lateWrites,
    warnings,
  };
}
