import type { RestoreOutcome } from '../../../restore/request.ts';
import type { RestoredFields } from '../../documents/restore-documents.ts';
import { backupDocument } from '../create-outcome.ts';
import { jsonDocument } from '../text/json.ts';
import { durationText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** `shop restored from shop/manual_2026-11-22_03-00-00 in 3 s`. */
export function restoreOutcomeText({ plan, durationMs }: RestoreOutcome): string {
  return `${plan.target.database} restored from ${plan.backup.reference} in ${durationText(durationMs)}`;
}

/** What undoes by hand a restore that no command undoes; undefined: a command does. */
export function undoSqlText({ undoCommand, undoSql }: RestoreOutcome): string | undefined {
  if (undoCommand !== undefined || undoSql === undefined) return undefined;
  return `Nothing was replaced. To undo, in SQL:\n${safeText(undoSql)}`;
}

/** The `--json` document. */
export function restoreOutcomeDocument(outcome: RestoreOutcome): string {
  return jsonDocument('restore', 0, restoredFields(outcome));
}

/** What a document says of one database. */
export function restoredFields(outcome: RestoreOutcome): RestoredFields {
  const { plan, job, durationMs, safetyBackup, undoCommand, undoSql, kept, lateWrites, warnings } = outcome;
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
    undoSql: undoCommand === undefined ? undoSql : undefined,
    kept,
    lateWrites,
    warnings,
  };
}
