import { showBackup } from '../../../contents/show-backup.ts';
import { refuseNonName } from '../../../settings/values/database-names.ts';
import type { Invocation } from '../../process/invocation.ts';
import { renderBackup, showDocument } from '../../render/contents/show.ts';
import { printResult, widthOf } from '../../render/print-result.ts';
import { choosePaint, wantsColor } from '../../render/text/paint.ts';
import { chooseTimeText } from '../../render/text/quantities.ts';
import { readingRun } from '../../runs/reading-run.ts';

/** `dbbackup show`: what a backup holds. */
export async function show(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, isTty, env, now } = context;
  const [reference = ''] = operands;
  return readingRun('show', invocation, async ({ directory, runtime }) => {
    refuseNonName(reference, 'The backup to show');
    const shown = await showBackup({ reference, directory }, runtime);
    if (flags.json !== undefined) {
      await printResult(stdout, showDocument(shown));
      return 0;
    }
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const options = { directory, program: runtime.program, width: widthOf(context) };
    const text = renderBackup(shown, now(), paint, { ...options, time: chooseTimeText(isTty.stdout) });
    await printResult(stdout, text);
    return 0;
  });
}
