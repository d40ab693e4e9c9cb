import { createBackups, planCreates, type CreateOutcome } from '../../core/create.ts';
import { DbBackupError } from '../../model/errors.ts';
import type { Context } from '../context.ts';
import type { Invocation } from '../invocation.ts';
import { longRun } from '../long-run.ts';
import { createOutcomeDocument, createOutcomeText, exitCodeOfOutcome } from '../render/create-outcome.ts';
import { renderCreatePlan } from '../render/create-plan.ts';
import { renderFailure } from '../render/failure.ts';
import { jsonDocument } from '../render/json.ts';
import { choosePaint, wantsColor } from '../render/paint.ts';
import { printResult } from '../result.ts';
import { createRequest } from './create-request.ts';

/** `dbbackup create`: backs up; stdout gets the absolute path of each backup, or with `--output -` the dump. */
export async function create(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env } = context;
  const json = flags.json !== undefined;
  return longRun('create', invocation, async ({ connection, given, runtime, voice }) => {
    const request = createRequest(operands, connection, given, { cwd, stdoutIsTty: isTty.stdout });
    if (flags['dry-run'] !== undefined) {
      const plans = await planCreates(request, runtime);
      const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
      const text = plans.map((plan) => renderCreatePlan(plan, paint)).join('\n');
      await printResult(stdout, json ? jsonDocument('create', true, { dryRun: true, plans }) : text);
      return 0;
    }

    voice.begin('Creating database backup...');
    const outcome = await createBackups(request, runtime);
    voice.rest();
    const only =
      outcome.failures.length === 1 && outcome.backups.length === 0 ? outcome.failures[0] : undefined;
    if (only !== undefined) throw only.error;
    for (const backup of outcome.backups) voice.succeed(createOutcomeText(backup));
    await printFailures(outcome, context, invocation.flags); // last, where they are seen
    const paths = outcome.backups.filter(({ path }) => path !== '-').map(({ path }) => `${path}\n`);
    await printResult(stdout, json ? createOutcomeDocument(outcome) : paths.join(''));
    return exitCodeOfOutcome(outcome);
  });
}

async function printFailures(
  { failures }: CreateOutcome,
  context: Context,
  flags: Invocation['flags'],
): Promise<void> {
  const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
  for (const { database, error } of failures) {
    const named = new DbBackupError(error.code, `${database}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
    context.stderr.write(renderFailure(named, paint));
  }
}
