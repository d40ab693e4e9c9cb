import { appendToJobLog } from '../../jobs/record/job-files.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import type { Context } from '../process/context.ts';
import type { ProgressReporter } from '../progress/progress-reporter.ts';
import { BOUNDS } from './bounds.ts';
import { endedRun, type AfterRunEffect } from './ended-run.ts';
import { hookEffect } from './hook-effect.ts';
import { pingEffect } from './ping-effect.ts';
import type { RunReport } from './run-report.ts';

/**
 * Begins what accompanies a run, and sees to what follows it.
 *
 * @param hurry Aborted by a signal, during the run or what follows it; not by `--timeout`.
 * @throws {DbBackupError} `usage`.
 */
export function followRun(
  command: CommandName,
  given: Lookup,
  report: RunReport,
  {
    context,
    reporter,
    hurry,
  }: { readonly context: Context; readonly reporter: ProgressReporter; readonly hurry: AbortSignal },
): void {
  const { env, stderr, postPing } = context;
  const bounds = { ...BOUNDS, ...context.afterRunBounds };
  const warn = (message: string): void => {
    reporter.onProgress({ kind: 'warning', message });
    const job = report.jobs.at(-1);
    // Of a detached run nobody sees what it says.
    if (job !== undefined)
      void appendToJobLog(job.directory, job.job, `${context.now().toISOString()} warning: ${message}`);
  };
  const print = (text: string): void => void stderr.write(text);
  const effects: AfterRunEffect[] = [];
  report.follow(async (end) => {
    const stop = hurry.aborted ? AbortSignal.timeout(bounds.cancelledMs) : hurry;
    const run = endedRun(command, report, end);
    // Each in its own time, so that a monitor that does not answer costs no notification.
    const endings = await Promise.allSettled(effects.map((effect) => effect(run, stop)));
    for (const ending of endings)
      if (ending.status === 'rejected') warn(`A bug in dbbackup, after the run: ${String(ending.reason)}`);
  });
  // The commands first: they are told of a URL that is none.
  for (const effect of [
    () => hookEffect(given, { bounds, warn, env, print }),
    () => pingEffect(given, { post: postPing, bounds, warn }),
  ]) {
    const made = effect();
    if (made !== undefined) effects.push(made);
  }
}
