import { readListing, warnOfUnreadable } from '../../backups/directory/list-backups.ts';
import type { Invocation } from '../process/invocation.ts';
import { readingRun } from '../runs/reading-run.ts';
import {
  backupFields,
  folderFields,
  renderBackupNames,
  renderBackups,
  renderProblems,
} from '../render/backups.ts';
import { jsonDocument } from '../render/text/json.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { chooseTimeText } from '../render/text/quantities.ts';
import { safeText } from '../render/text/safe-text.ts';
import { DbBackupError } from '../../run/errors.ts';
import { keptText } from '../render/jobs/kept.ts';
import { wrapped } from '../render/text/wrap.ts';
import { keptOf } from '../../jobs/record/keeping-job.ts';
import { readKeeping } from '../../jobs/read-kept.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';
import { parseDatabaseNames } from '../../settings/values/database-names.ts';

/** `dbbackup list`: which backups exist, newest first. */
export async function list(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, stderr, isTty, env } = context;
  return readingRun('list', invocation, async ({ directory, runtime }) => {
    const databases = parseDatabaseNames(operands);
    const { backups, unreadable } = await readListing({ directory, databases });
    if (backups.length === 0 && unreadable[0] !== undefined) throw unreadable[0].error;
    warnOfUnreadable(unreadable, runtime.onProgress);
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const time = chooseTimeText(isTty.stdout);
    // Who may not read the jobs sees the backups all the same.
    const keeping = await readKeeping(directory, runtime.userId).catch((error: unknown) => {
      if (error instanceof DbBackupError && error.code === 'no-space') return [];
      throw error;
    });
    const kept = keeping
      .filter(({ database }) => databases.length === 0 || databases.includes(database))
      .map(keptOf);
    if (flags.json !== undefined) {
      const body = {
        directory,
        kept,
        backups: backups.map(backupFields),
        unreadable: unreadable.map(folderFields),
      };
      await printResult(stdout, jsonDocument('list', true, body));
    } else if (flags.quiet !== undefined) {
      stderr.write(renderProblems(backups, paint));
      await printResult(stdout, renderBackupNames(backups));
    } else if (backups.length === 0) {
      const whose = databases.length === 0 ? '' : ` of ${databases.map(safeText).join(', ')}`;
      stderr.write(`No backups${whose} in ${safeText(directory)}.\n`);
      const others = databases.length === 0 ? [] : await databasesWithBackups(directory);
      if (others.length > 0) stderr.write(`There are backups of ${others.map(safeText).join(', ')}.\n`);
      stderr.write('Make one with create. If they are elsewhere, use --dir <folder>.\n');
    } else {
      await printResult(stdout, renderBackups(backups, context.now(), paint, widthOf(context), time));
    }
    if (flags.json === undefined && flags.quiet === undefined)
      for (const each of kept) stderr.write(`${wrapped(keptText(each, time), stderrWidthOf(context))}\n`);
    return 0;
  });
}

async function databasesWithBackups(directory: string): Promise<readonly string[]> {
  const { backups } = await readListing({ directory, databases: [] });
  return [...new Set(backups.map(({ database }) => database))];
}
