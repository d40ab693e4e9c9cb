import { diffBackups } from '../../../contents/diff-backups.ts';
import { refuseNonName } from '../../../settings/values/database-names.ts';
import type { Invocation } from '../../process/invocation.ts';
import { diffDocument, renderDiff } from '../../render/contents/diff.ts';
import { printResult } from '../../render/print-result.ts';
import { choosePaint, wantsColor } from '../../render/text/paint.ts';
import { chooseTimeText } from '../../render/text/quantities.ts';
import { readingRun } from '../../runs/reading-run.ts';

/** `dbbackup diff`: what changed between two backups. Ends with 0 whatever did. */
export async function diff(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, isTty, env } = context;
  const [from = '', to = ''] = operands;
  return readingRun('diff', invocation, async ({ directory, runtime }) => {
    for (const reference of [from, to]) refuseNonName(reference, 'A backup to compare');
    const found = await diffBackups({ from, to, directory }, runtime);
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const time = chooseTimeText(isTty.stdout);
    const text =
      flags.json === undefined ? renderDiff(found, paint, { directory, time }) : diffDocument(found);
    await printResult(stdout, text);
    return 0;
  });
}
