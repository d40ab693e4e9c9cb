import { planRestoreAll, restoreAll, type RestoreAllPlan } from '../../restore/restore-all.ts';
import type { RestoreRequest } from '../../restore/request.ts';
import { commandAgain } from '../render/command-again.ts';
import { confirmationOfAll } from '../terminal/confirmation.ts';
import { problemsOf } from '../after/run-report.ts';
import type { Invocation } from '../process/invocation.ts';
import type { ServerRun } from '../runs/server-run.ts';
import { askText, canAsk } from '../terminal/questions.ts';
import { jsonDocument } from '../render/text/json.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import {
  commonWarnings,
  exitCodeOfAll,
  leftOutText,
  renderRestoreAllFailures,
  renderRestoreAllPlan,
  restoreAllDocument,
} from '../render/restore/all.ts';
import { restoreOutcomeText, undoSqlText } from '../render/restore/outcome.ts';
import { summaryText } from '../render/summary.ts';
import { chooseTimeText } from '../render/text/quantities.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';

/** `restore --all`: every database of a file into its own; stdout gets the commands that undo them. */
export async function restoreEach(
  request: Omit<RestoreRequest, 'confirm'>,
  invocation: Invocation,
  run: ServerRun,
): Promise<number> {
  const { context, flags, operands } = invocation;
  const { isTty, stdout, stderr, env } = context;
  const { runtime, reporter } = run;
  const json = flags.json !== undefined;
  reporter.begin(operands[0] === '-' ? 'Receiving the backup...' : 'Checking the backup...', {
    onlyFirst: true,
  });
  if (flags['dry-run'] !== undefined) {
    const plan = await planRestoreAll(request, runtime);
    reporter.pause();
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const text = renderRestoreAllPlan(plan, paint, chooseTimeText(isTty.stdout), widthOf(context));
    await printResult(stdout, json ? jsonDocument('restore', 0, { dryRun: true, ...plan }) : text);
    return 0;
  }

  const begunAt = context.now().getTime();
  let unprinted: unknown;
  const confirm = confirmWith(invocation, run);
  const outcome = await restoreAll({ ...request, confirm }, runtime, {
    begins(database) {
      reporter.begin(`Restoring database from backup... ${database}`);
    },
    async restored(restored) {
      reporter.succeed(restoreOutcomeText(restored));
      const { undoCommand } = restored;
      const sql = undoSqlText(restored);
      if (sql !== undefined && !json) reporter.note(sql);
      if (undoCommand === undefined || json || unprinted !== undefined) return;
      reporter.note('To undo:');
      await printResult(stdout, `${undoCommand}\n`).catch((error: unknown) => {
        unprinted = error; // the others are still restored
      });
    },
  });
  reporter.pause();
  const summary = summaryText({
    ...{ noun: 'database', verb: 'restored', done: outcome.restored.length },
    ...{ failed: outcome.failures.length, notStarted: outcome.notStarted.length },
    durationMs: context.now().getTime() - begunAt,
  });
  invocation.report.outcome = {
    databases: [...outcome.restored.map(({ plan }) => plan.target.database), ...outcome.notStarted],
    backups: [...new Set(outcome.restored.map(({ plan }) => plan.backup.path))],
    message: [...outcome.restored.map(restoreOutcomeText), summary ?? ''].join('\n').trimEnd(),
    problems: problemsOf(outcome.failures.map(({ database, error }) => ({ of: database, error }))),
    document: () => restoreAllDocument(outcome),
  };
  const paint = await choosePaint(wantsColor(isTty.stderr, flags, env));
  if (summary !== undefined) reporter.note(summary);
  stderr.write(renderRestoreAllFailures(outcome, paint)); // last, where they are noticed
  if (unprinted !== undefined) throw unprinted as Error;
  if (json) await printResult(stdout, restoreAllDocument(outcome));
  return exitCodeOfAll(outcome);
}

/** Shows the plans, then has all of them confirmed with one prompt, during which progress is paused. */
function confirmWith(
  { context, flags, operands }: Invocation,
  { runtime, reporter, sameServer }: ServerRun,
): (plan: RestoreAllPlan) => Promise<void> {
  const decideOn = (reference: string): ReturnType<typeof confirmationOfAll> =>
    confirmationOfAll({
      given: typeof flags.confirm === 'string' ? flags.confirm : undefined,
      ask: canAsk(context, flags) ? (question) => askText(question, context, runtime.signal) : undefined,
      commandWith: (names) => {
        const named = { operands: [reference], flags: { ...flags, confirm: names } };
        return commandAgain('restore', named, sameServer, runtime.program);
      },
    });
  return async (plan) => {
    reporter.pause();
    const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
    const time = chooseTimeText(context.isTty.stderr);
    const text = renderRestoreAllPlan(plan, paint, time, stderrWidthOf(context));
    const needsConfirmation = plan.plans.some((each) => each.needsConfirmation);
    if (canAsk(context, flags) && needsConfirmation && flags.confirm === undefined)
      context.stderr.write(`${text}\n`);
    else if (needsConfirmation) reporter.note(text.trimEnd());
    else {
      const common = commonWarnings(plan);
      for (const message of common) reporter.onProgress({ kind: 'warning', message });
      for (const { target, warnings } of plan.plans)
        for (const message of warnings.filter((warning) => !common.includes(warning)))
          reporter.onProgress({ kind: 'warning', message: `${target.database}: ${message}` });
      if (plan.leftOut.length > 0) reporter.note(leftOutText(plan.leftOut));
    }
    const reference = operands[0] === '-' ? '-' : (plan.plans[0]?.backup.reference ?? '');
    await decideOn(reference)(plan.plans);
    reporter.resume();
  };
}
