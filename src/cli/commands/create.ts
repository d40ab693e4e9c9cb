import { createBackups, planCreates } from '../../create/create-backups.ts';
import type { CreateOutcome, CreateRequest } from '../../create/request.ts';
import { problemsOf, type RunOutcome } from '../after/run-report.ts';
import { detach, undetachable } from '../detach/detach.ts';
import type { Invocation } from '../process/invocation.ts';
import { serverRun } from '../runs/server-run.ts';
import {
  createOutcomeDocument,
  createOutcomeText,
  createSummaryText,
  createPlansDocument,
  exitCodeOfOutcome,
} from '../render/create-outcome.ts';
import { renderCreatePlan } from '../render/create-plan.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { printResult } from '../render/print-result.ts';
import { createRequest } from './create-request.ts';
import { printFailures, throwOnlyFailure } from '../runs/print-failures.ts';

/** `dbbackup create`: backs up; stdout gets the absolute path of each backup, or with `--output -` the dump. */
export async function create(invocation: Invocation): Promise<number> {
  const { context, flags, operands, report } = invocation;
  const { cwd, isTty, stdout, env, program } = context;
  const json = flags.json !== undefined;
  if (flags.detach !== undefined && context.detachedParent === undefined) return detach('create', invocation);
  return serverRun('create', invocation, async ({ connection, given, runtime, reporter }) => {
    const asked = createRequest(operands, connection, given, { cwd, program, stdoutIsTty: isTty.stdout });
    const isOfSeveral = asked.allDatabases || asked.databases.length > 1;
    const request = { ...asked, jobsFirst: isOfSeveral && flags.detach !== undefined };
    for (const database of request.databases) report.databases.add(database);
    if (flags.detach !== undefined) refuseUndetachable(request, flags);
    if (flags['dry-run'] !== undefined) {
      const { plans, failures } = await planCreates(request, runtime);
      throwOnlyFailure(plans, failures);
      const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
      const text = plans.map((plan) => renderCreatePlan(plan, paint)).join('\n');
      await printResult(stdout, json ? createPlansDocument({ plans, failures }) : text);
      await printFailures(failures, context, flags);
      return exitCodeOfOutcome({ backups: plans, failures });
    }

    const begunAt = context.now().getTime();
    let unprinted: unknown;
    const { backups, failures, pruned } = await createBackups(request, runtime, {
      begins(database, { number, of }) {
        reporter.begin(`Creating database backup...${of === 1 ? '' : ` ${number} of ${of}: ${database}`}`);
      },
      async made(backup, pruned) {
        reporter.succeed(createOutcomeText(backup, pruned));
        if (json || backup.path === '-' || unprinted !== undefined) return;
        await printResult(stdout, `${backup.path}\n`).catch((error: unknown) => {
          unprinted = error; // the others are still backed up
        });
      },
    });
    reporter.pause();
    const summary = createSummaryText({ backups, failures }, context.now().getTime() - begunAt);
    report.outcome = createReport({ backups, failures, pruned }, summary);
    throwOnlyFailure(backups, failures);
    await printFailures(failures, context, flags); // last, where they are noticed
    if (summary !== undefined) reporter.note(summary);
    if (unprinted !== undefined) throw unprinted as Error;
    if (json) await printResult(stdout, createOutcomeDocument({ backups, failures, pruned }));
    return exitCodeOfOutcome({ backups, failures });
  });
}

/** For what follows the run. */
function createReport(outcome: CreateOutcome, summary: string | undefined): RunOutcome {
  const { backups, failures } = outcome;
  return {
    // One whose backup was made, but not pruned, is in both.
    databases: [
      ...new Set([
        ...backups.map(({ manifest }) => manifest.database),
        ...failures.map(({ database }) => database),
      ]),
    ],
    backups: backups.map(({ path }) => path),
    message: [...backups.map((backup) => createOutcomeText(backup)), summary ?? ''].join('\n').trimEnd(),
    problems: problemsOf(failures.map(({ database, error }) => ({ of: database, error }))),
    document: () => createOutcomeDocument(outcome),
  };
}

function refuseUndetachable({ destination }: CreateRequest, flags: Invocation['flags']): void {
  if (destination.kind === 'stdout')
    throw undetachable('leaves no stdout to write to', 'leave out --output -');
  if (flags['dry-run'] !== undefined)
    throw undetachable('and --dry-run do not go together', 'use only one of them');
}
