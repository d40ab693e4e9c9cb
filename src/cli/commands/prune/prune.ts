import { pruneBackups } from '../../../prune/prune-backups.ts';
import { problemsOf } from '../../after/run-report.ts';
import type { Invocation } from '../../process/invocation.ts';
import {
  exitCodeOfPrune,
  pruneDocument,
  renderPrune,
  renderRemovedNames,
  pruneSummary,
} from '../../render/prune/prune.ts';
import { printResult, widthOf } from '../../render/print-result.ts';
import { choosePaint, wantsColor } from '../../render/text/paint.ts';
import { localRun } from '../../runs/server-run.ts';
import { printFailures, throwOnlyFailure } from '../../runs/print-failures.ts';
import { pruneRequest } from './prune-request.ts';

/** `dbbackup prune`: removes backups by a policy; stdout gets what stays with its reasons, and what is removed. */
export async function prune(invocation: Invocation): Promise<number> {
  const { context, flags, operands, report } = invocation;
  const { stdout, isTty, env } = context;
  return localRun('prune', invocation, async ({ given, runtime, reporter }) => {
    const request = pruneRequest(operands, given, context);
    const outcome = await pruneBackups(request, runtime, {
      begins(database) {
        reporter.begin(`Pruning the backups of ${database}...`);
      },
    });
    const { databases, failures } = outcome;
    reporter.pause();
    report.outcome = {
      databases: [
        ...new Set([
          ...databases.map(({ database }) => database),
          ...failures.map(({ database }) => database),
        ]),
      ],
      backups: [],
      message: pruneSummary(outcome, request),
      problems: problemsOf(failures.map(({ database, error }) => ({ of: database, error }))),
      document: () => pruneDocument(outcome, request),
    };
    throwOnlyFailure(databases, failures);
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    if (flags.json !== undefined) await printResult(stdout, pruneDocument(outcome, request));
    else if (flags.quiet !== undefined) await printResult(stdout, renderRemovedNames(outcome));
    else await printResult(stdout, renderPrune(outcome, request, paint, widthOf(context)));
    await printFailures(failures, context, flags); // last, where they are noticed
    if (failures.length === 0) reporter.succeed(pruneSummary(outcome, request));
    return exitCodeOfPrune(outcome);
  });
}
