import { cancelJob, followJob } from '../../jobs/follow-job.ts';
import { readStatus } from '../../jobs/read-status.ts';
import { readJob } from '../../jobs/read-jobs.ts';
import { DbBackupError, EXIT_CODES } from '../../run/errors.ts';
import { isUnderWay } from '../../jobs/record/job.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { Invocation } from '../process/invocation.ts';
import { jsonDocument } from '../render/text/json.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { chooseTimeText } from '../render/text/quantities.ts';
import { renderStatus } from '../render/jobs/status.ts';
import { renderJob, renderLog } from '../render/jobs/job.ts';
import { printResult, widthOf } from '../render/print-result.ts';
import { readingRun } from '../runs/reading-run.ts';
import type { ReadingRun } from '../runs/reading-run.ts';

/** `dbbackup status`: everything at a glance; with a job, that job. */
export async function status(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, isTty, env, program } = context;
  const [id] = operands;
  for (const option of ['log', 'wait', 'cancel'] as const) {
    if (flags[option] === undefined || id !== undefined) continue;
    throw new DbBackupError('usage', `--${option} needs a job.`, {
      hint: `${program} status shows the ids; then ${program} status <job> --${option}`,
    });
  }
  return readingRun('status', invocation, async (run) => {
    if (id !== undefined) return statusOfJob(id, invocation, run);
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const state = await readStatus({ directory: run.directory }, run.runtime);
    const text = renderStatus(state, context.now(), paint, {
      width: widthOf(context),
      program: run.runtime.program,
      time: chooseTimeText(isTty.stdout),
    });
    await printResult(stdout, flags.json === undefined ? text : jsonDocument('status', 0, state));
    return 0;
  });
}

/** @returns with `--wait`, the exit code of the job. */
async function statusOfJob(
  id: string,
  { context, flags }: Invocation,
  { directory, runtime }: ReadingRun,
): Promise<number> {
  const { stdout, isTty, env, now } = context;
  const json = flags.json !== undefined;
  const withLog = flags.log !== undefined && !json;
  const waits = flags.wait !== undefined || withLog;
  const request = { directory, id };
  if (flags.cancel !== undefined) await cancelJob(request, runtime);
  const onLog = (text: string): Promise<void> =>
    withLog ? printResult(stdout, renderLog(text)) : Promise.resolve();
  const isRunning = isUnderWay((await readJob(request, runtime)).job);
  // For a running job the log comes first, because it grows; the outcome is shown below it.
  const follows = waits && isRunning;
  const { job, log } = follows ? await followJob(request, onLog, runtime) : await readJob(request, runtime);
  const exitCode = flags.wait === undefined ? 0 : exitCodeOfJob(job);
  const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
  const time = chooseTimeText(isTty.stdout);
  const text = renderJob(job, directory, now(), paint, { program: runtime.program, time });
  if (json) await printResult(stdout, jsonDocument('status', exitCode, { job, log }));
  else if (follows && withLog) await printResult(stdout, `\n${text}`);
  else await printResult(stdout, withLog ? `${text}\n${renderLog(log)}` : text);
  return exitCode;
}

function exitCodeOfJob({ state, error }: Job): number {
  if (state === 'succeeded') return EXIT_CODES.ok.exitCode;
  return EXIT_CODES[error?.code ?? 'failed'].exitCode;
}
