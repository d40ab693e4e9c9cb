import { planUndo, undoRestore } from '../../restore/undo/undo.ts';
import type { UndoPlan } from '../../restore/undo/request.ts';
import type { ToConfirm } from '../../restore/request.ts';
import type { Invocation } from '../process/invocation.ts';
import { commandAgain } from '../render/command-again.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';
import { renderUndoPlan, undoOutcomeDocument, undoOutcomeText } from '../render/restore/undo.ts';
import { jsonDocument } from '../render/text/json.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { chooseTimeText } from '../render/text/quantities.ts';
import { serverRun, type ServerRun } from '../runs/server-run.ts';
import { confirmation } from '../terminal/confirmation.ts';
import { askText, canAsk } from '../terminal/questions.ts';
import { undoRequest } from './undo-request.ts';

/** `dbbackup undo`: brings back what a restore replaced; stdout gets the command that undoes it in turn. */
export async function undo(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env, cores } = context;
  const json = flags.json !== undefined;
  return serverRun('undo', invocation, async (run) => {
    const { connection, given, runtime, reporter, sameServer } = run;
    const request = undoRequest(operands[0], connection, given, sameServer, { cwd, cores });
    reporter.begin('Looking for what the restore replaced...', { onlyFirst: true });
    if (flags['dry-run'] !== undefined) {
      const plan = await planUndo(request, runtime);
      reporter.pause();
      const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
      const text = renderUndoPlan(plan, paint, chooseTimeText(isTty.stdout), widthOf(context));
      await printResult(stdout, json ? jsonDocument('undo', 0, { dryRun: true, plan }) : text);
      return 0;
    }
    const outcome = await undoRestore({ ...request, confirm: confirmWith(invocation, run) }, runtime);
    const { plan } = outcome;
    invocation.report.outcome = {
      databases: [plan.restore.database],
      backups: plan.method === 'restore' ? [plan.plan.backup.path] : [],
      message: undoOutcomeText(outcome),
      problems: [],
      document: () => undoOutcomeDocument(outcome),
    };
    reporter.succeed(undoOutcomeText(outcome));
    const again = outcome.undoCommand === undefined ? '' : `${outcome.undoCommand}\n`;
    if (again !== '') reporter.note('To undo that:');
    await printResult(stdout, json ? undoOutcomeDocument(outcome) : again);
    return 0;
  });
}

/** Shows the plan, then has it confirmed; progress is paused during the prompt. */
function confirmWith(invocation: Invocation, run: ServerRun): (plan: UndoPlan) => Promise<void> {
  const { context, flags } = invocation;
  const { reporter, runtime, sameServer } = run;
  const isAsking = canAsk(context, flags);
  return async (plan) => {
    reporter.pause();
    const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
    const text = renderUndoPlan(plan, paint, chooseTimeText(context.isTty.stderr), stderrWidthOf(context));
    if (isAsking && flags.confirm === undefined) context.stderr.write(`${text}\n`);
    else reporter.note(text.trimEnd());
    await confirmation({
      given: typeof flags.confirm === 'string' ? flags.confirm : undefined,
      ask: isAsking ? (question) => askText(question, context, runtime.signal) : undefined,
      commandWith: ({ target }) => {
        const named = { operands: [plan.restore.job], flags: { ...flags, confirm: target.database } };
        return commandAgain('undo', named, sameServer, runtime.program);
      },
    })(toConfirm(plan));
    reporter.begin('Undoing the restore...');
  };
}

function toConfirm(plan: UndoPlan): ToConfirm {
  const { target, needsConfirmation } = plan.method === 'swap' ? plan : plan.plan;
  return { backup: { reference: plan.restore.job }, target, needsConfirmation };
}
