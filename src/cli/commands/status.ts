import { readJob, readStatus } from '../../core/status.ts';
import { DbBackupError } from '../../model/errors.ts';
import type { Invocation } from '../invocation.ts';
import { jsonDocument } from '../render/json.ts';
import { choosePaint, wantsColor } from '../render/paint.ts';
import { renderJob, renderLog, renderStatus } from '../render/status.ts';
import { printResult, widthOf } from '../result.ts';
import { shortRun } from '../short-run.ts';

/** `dbbackup status`: everything at a glance; with a job, that job. */
export async function status(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, isTty, env } = context;
  const [id] = operands;
  if (flags.log !== undefined && id === undefined) {
    throw new DbBackupError('usage', '--log needs a job.', {
      hint: 'dbbackup status shows the ids; then dbbackup status <job> --log',
    });
  }
  return shortRun('status', invocation, async ({ directory, runtime }) => {
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const json = flags.json !== undefined;
    if (id === undefined) {
      const state = await readStatus({ directory }, runtime);
      const text = renderStatus(state, context.now(), paint, widthOf(context));
      await printResult(stdout, json ? jsonDocument('status', true, state) : text);
    } else {
      const { job, log } = await readJob({ directory, id }, runtime);
      const text =
        renderJob(job, context.now(), paint) + (flags.log === undefined ? '' : `\n${renderLog(log)}`);
      await printResult(stdout, json ? jsonDocument('status', true, { job, log }) : text);
    }
    return 0;
  });
}
