import { planRestore, restoreBackup } from '../../restore/restore.ts';
import { resumeRestore } from '../../restore/recover/resume-restore.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { RestoreOutcome } from '../../restore/request.ts';
import type { RunOutcome } from '../after/run-report.ts';
import type { RestorePlan } from '../../restore/plan/restore-plan.ts';
import { commandAgain } from '../render/command-again.ts';
import { confirmAllowed, confirmation, refuseUnasked } from '../terminal/confirmation.ts';
import { detach, undetachable } from '../detach/detach.ts';
import type { Invocation } from '../process/invocation.ts';
import { serverRun, type ServerRun } from '../runs/server-run.ts';
import { askText, canAsk } from '../terminal/questions.ts';
import { jsonDocument } from '../render/text/json.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { restoreOutcomeDocument, restoreOutcomeText, undoSqlText } from '../render/restore/outcome.ts';
import { chooseTimeText } from '../render/text/quantities.ts';
import { renderRestorePlan } from '../render/restore/plan.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { parseDuration } from '../../settings/values/duration.ts';
import { restoreEach } from './restore-each.ts';
import { restoreRequest } from './restore-request.ts';

/** `dbbackup restore`: replaces a database by a backup; stdout gets the command that undoes it. */
export async function restore(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env } = context;
  const json = flags.json !== undefined;
  if (flags.detach !== undefined && context.detachedParent === undefined)
    return detach('restore', invocation);
  return serverRun('restore', invocation, async (run) => {
    const { connection, given, runtime, reporter, sameServer } = run;
    const place = { cwd, program: runtime.program, stdinIsTty: isTty.stdin, cores: context.cores };
    if (flags.detach !== undefined) refuseUndetachable(operands[0], flags);
    if (typeof flags.resume === 'string') {
      refuseBesideResume(flags);
      return resume(flags.resume, invocation, run);
    }
    const request = restoreRequest(operands[0], connection, given, sameServer, place);
    if (flags.all !== undefined) return restoreEach(request, invocation, run);
    reporter.begin(operands[0] === '-' ? 'Receiving the backup...' : 'Checking the backup...', {
      onlyFirst: true,
    });
    if (flags['dry-run'] !== undefined) {
      const plan = await planRestore(request, runtime);
      reporter.pause();
      const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
      const text = renderRestorePlan(plan, paint, chooseTimeText(isTty.stdout), widthOf(context));
      await printResult(stdout, json ? jsonDocument('restore', 0, { dryRun: true, plan }) : text);
      return 0;
    }

    const decide = decisionOf(invocation, run);
    const confirm = confirmWith(invocation, run, decide);
    const confirmFirst = flags.detach === undefined ? undefined : decide;
    const outcome = await restoreBackup({ ...request, confirm, confirmFirst }, runtime);
    invocation.report.outcome = restoreReport(outcome);
    reporter.succeed(restoreOutcomeText(outcome));
    const undo = outcome.undoCommand === undefined ? '' : `${outcome.undoCommand}\n`;
    if (undo !== '') reporter.note('To undo:');
    const sql = undoSqlText(outcome);
    if (sql !== undefined && !json) reporter.note(sql);
    await printResult(stdout, json ? restoreOutcomeDocument(outcome) : undo);
    return 0;
  });
}

/** For what follows the run. */
function restoreReport(outcome: RestoreOutcome): RunOutcome {
  return {
    databases: [outcome.plan.target.database],
    backups: [outcome.plan.backup.path],
    message: restoreOutcomeText(outcome),
    problems: [],
    document: () => restoreOutcomeDocument(outcome),
  };
}

function refuseUndetachable(reference: string | undefined, flags: Invocation['flags']): void {
  if (reference === '-') throw undetachable('leaves no stdin to read from', 'name a file instead of -');
  if (flags.all !== undefined)
    throw undetachable(
      'starts one job, for one database',
      'start one job per database, with --from-database <name>',
    );
  for (const other of ['dry-run', 'resume'] as const)
    if (flags[other] !== undefined)
      throw undetachable(`and --${other} do not go together`, 'use only one of them');
}

/** What a job restores was decided when it started. */
function refuseBesideResume(flags: Invocation['flags']): void {
  for (const other of ['all', 'from-database'] as const)
    if (flags[other] !== undefined)
      throw new DbBackupError('usage', `--resume and --${other} do not go together.`, {
        hint: 'Resume the job first, then restore the rest.',
      });
}

/** `--resume`: completes or rolls back an interrupted restore. */
async function resume(
  job: string,
  { context, flags, report }: Invocation,
  { connection, given, runtime, reporter }: ServerRun,
): Promise<number> {
  const directory = parseDirectory(given('dir'), context.cwd);
  const lockWaitMs = parseDuration(given('lock-wait')) ?? 0;
  reporter.begin('Completing or rolling back a restore...');
  const outcome = await resumeRestore({ connection, directory, job, lockWaitMs }, runtime);
  const document = jsonDocument('restore', 0, { resumed: outcome });
  const { message } = outcome;
  report.outcome = { databases: [], backups: [], message, problems: [], document: () => document };
  reporter.succeed(message);
  if (flags.json !== undefined) await printResult(context.stdout, document);
  return 0;
}

/** Prompts on the terminal; undefined where that is not possible. */
function asking(
  { context, flags }: Invocation,
  { runtime }: ServerRun,
): ((question: string) => Promise<string>) | undefined {
  return canAsk(context, flags) ? (question) => askText(question, context, runtime.signal) : undefined;
}

function decisionOf(invocation: Invocation, run: ServerRun): ReturnType<typeof confirmation> {
  const { flags, operands } = invocation;
  const { runtime, sameServer } = run;
  return confirmation({
    given: typeof flags.confirm === 'string' ? flags.confirm : undefined,
    ask: asking(invocation, run),
    commandWith: ({ target, backup }) => {
      const reference = operands[0] === '-' ? '-' : backup.reference;
      const named = { operands: [reference], flags: { ...flags, confirm: target.database } };
      return commandAgain('restore', named, sameServer, runtime.program);
    },
  });
}

/** Shows the plan, then has it confirmed; progress is paused during the prompt. */
function confirmWith(
  invocation: Invocation,
  run: ServerRun,
  decide: ReturnType<typeof confirmation>,
): (plan: RestorePlan) => Promise<void> {
  const { context, flags } = invocation;
  const { reporter } = run;
  return async (plan) => {
    reporter.pause();
    const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
    const text = renderRestorePlan(plan, paint, chooseTimeText(context.isTty.stderr), stderrWidthOf(context));
    const asks = plan.needsConfirmation && flags.confirm === undefined;
    if (canAsk(context, flags) && (asks || plan.allowedCount > 0)) context.stderr.write(`${text}\n`);
    else if (plan.needsConfirmation || plan.allowedCount > 0) reporter.note(text.trimEnd());
    else for (const message of plan.warnings) reporter.onProgress({ kind: 'warning', message });
    const ask = asking(invocation, run);
    if (ask === undefined) refuseUnasked(plan);
    await decide(plan);
    if (ask !== undefined) await confirmAllowed(plan, ask);
    reporter.begin('Restoring database from backup...');
  };
}
