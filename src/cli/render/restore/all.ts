import type { RestoreAllOutcome, RestoreAllPlan } from '../../../restore/restore-all.ts';
import { DbBackupError, EXIT_CODES, isCancellation } from '../../../run/errors.ts';
import { failureFields, renderFailure } from '../failure.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { countText, type TimeText } from '../text/quantities.ts';
import { restoredFields } from './outcome.ts';
import { renderRestorePlan } from './plan.ts';
import { safeText } from '../text/safe-text.ts';

/** The plans of all databases, and what they have in common, which is shown once. */
export function renderRestoreAllPlan(
  { plans, leftOut }: RestoreAllPlan,
  paint: Paint,
  time?: TimeText,
  width?: number,
): string {
  const order = `${countText(plans.length, 'database')}, one after the other: ${names(plans.map(({ target }) => target.database))}`;
  const common = commonWarnings({ plans, leftOut });
  return [
    `${paint.heading('Restore every database in the file into its own')}\n${order}\n`,
    ...(leftOut.length === 0 ? [] : [`${leftOutText(leftOut)}\n`]),
    ...common.map((warning) => `${paint.caution('warning:')} ${safeText(warning)}\n`),
    ...plans.map((plan) => {
      const warnings = plan.warnings.filter((warning) => !common.includes(warning));
      return `\n${renderRestorePlan({ ...plan, warnings }, paint, time, width)}`;
    }),
  ].join('');
}

/** What holds for every database in the file. */
export function commonWarnings({ plans: [first, ...others] }: RestoreAllPlan): readonly string[] {
  return (
    first?.warnings.filter((warning) => others.every(({ warnings }) => warnings.includes(warning))) ?? []
  );
}

/** Users and grants are in the system schemas, or stand in the file as statements; either way they stay out. */
export function leftOutText(leftOut: readonly string[]): string {
  return `Not restored: ${names(leftOut)} (system schemas; users and grants with them)`;
}

function names(databases: readonly string[]): string {
  return databases.map(safeText).join(', ');
}

/**
 * A cancellation's own code; partial when some were restored; the failures' own code when they agree on one; else
 * the general one.
 */
export function exitCodeOfAll({ restored, failures, notStarted }: RestoreAllOutcome): number {
  if (failures.length === 0) return EXIT_CODES[notStarted.length === 0 ? 'ok' : 'failed'].exitCode;
  const cancelled = failures.find(({ error }) => isCancellation(error));
  if (cancelled !== undefined) return cancelled.error.exitCode;
  if (restored.length > 0) return EXIT_CODES.partial.exitCode;
  const [code = EXIT_CODES.failed.exitCode, ...others] = new Set(failures.map(({ error }) => error.exitCode));
  return others.length === 0 ? code : EXIT_CODES.failed.exitCode;
}

/** What failed and why, the state of the other databases, and what to type next; nothing when all succeeded. */
export function renderRestoreAllFailures(outcome: RestoreAllOutcome, paint: Paint): string {
  const { restored, failures, notStarted } = outcome;
  if (failures.length === 0) return '';
  const told = failures.map(({ database, error }) => {
    const message = `${database}: ${error.message}`;
    return renderFailure(new DbBackupError(error.code, message, { hint: error.hint, cause: error }), paint);
  });
  const states = [
    ...(restored.length === 0
      ? []
      : [`Restored: ${names(restored.map(({ plan }) => plan.target.database))}`]),
    `Failed: ${names(failures.map(({ database }) => database))}`,
    ...(notStarted.length === 0 ? [] : [`Not started, and unchanged: ${names(notStarted)}`]),
    'Fix the cause, then restore the rest:',
    ...outcome.remainingCommands.map(safeText),
  ];
  return `${told.join('')}${states.join('\n')}\n`;
}

/** The `--json` document: every database in it once, in the order of the run. */
export function restoreAllDocument(outcome: RestoreAllOutcome): string {
  const { restored, failures, notStarted, leftOut, remainingCommands } = outcome;
  const exitCode = exitCodeOfAll(outcome);
  return jsonDocument('restore', exitCode, {
    databases: [
      ...restored.map((each) => ({
        database: each.plan.target.database,
        state: 'restored' as const,
        ...restoredFields(each),
      })),
      ...failures.map(({ database, error }) => ({
        database,
        state: 'failed' as const,
        exitCode: error.exitCode,
        error: failureFields(error),
      })),
      ...notStarted.map((database) => ({ database, state: 'not-started' as const })),
    ],
    leftOut,
    ...(remainingCommands.length === 0 ? {} : { remainingCommands }),
  });
}
