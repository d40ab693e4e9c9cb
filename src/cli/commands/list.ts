import { chosenFrom, readListing, warnOfUnreadable } from '../../backups/directory/list-backups.ts';
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
import { chooseTimeText, countText } from '../render/text/quantities.ts';
import { safeText } from '../render/text/safe-text.ts';
import { unlessUnreadable } from '../../files/file-failure.ts';
import { keptText } from '../render/jobs/kept.ts';
import { wrapped } from '../render/text/wrap.ts';
import { type KeepingJob, keptOf } from '../../jobs/record/keeping-job.ts';
import { readKeeping } from '../../jobs/read-kept.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';
import { parseDatabaseNames } from '../../settings/values/database-names.ts';
import { parseLabelOfBackups } from '../../settings/values/label.ts';
import { parseLimit } from '../../settings/values/limit.ts';
import { placesOfJobs } from '../../backups/directory/stand-in-directory.ts';
import type { Backup } from '../../backups/record/backup.ts';

/** `dbbackup list`: which backups exist, newest first. */
export async function list(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { stdout, stderr, isTty, env } = context;
  return readingRun('list', invocation, async ({ directory, given, runtime }) => {
    const databases = parseDatabaseNames(operands);
    const label = parseLabelOfBackups(given('only-label'));
    const limit = parseLimit(given('limit'));
    const { backups: all, unreadable } = await readListing({ directory, databases });
    if (all.length === 0 && unreadable[0] !== undefined) throw unreadable[0].error;
    const { backups, total } = chosenFrom(all, { label, limit });
    warnOfUnreadable(unreadable, runtime.onProgress);
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const time = chooseTimeText(isTty.stdout);
    // Who may not read the jobs sees the backups all the same.
    const keeping: KeepingJob[] = [];
    for (const place of await placesOfJobs(directory, runtime))
      keeping.push(...(await unlessUnreadable(readKeeping(place, runtime.userId), [])));
    const kept = keeping
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
      .filter(({ database }) => databases.length === 0 || databases.includes(database))
      .map(keptOf);
    if (flags.json !== undefined) {
      const body = {
        directory,
        kept,
        backups: backups.map(backupFields),
        total,
        truncated: backups.length < total,
        unreadable: unreadable.map(folderFields),
      };
      await printResult(stdout, jsonDocument('list', 0, body));
    } else if (flags.quiet !== undefined) {
      stderr.write(renderProblems(backups, paint));
      await printResult(stdout, renderBackupNames(backups));
    } else if (backups.length === 0 && all.length > 0) {
      stderr.write(`No backups with the label ${safeText(label ?? '')}. ${labelsText(all)}\n`);
    } else if (backups.length === 0) {
      const whose = databases.length === 0 ? '' : ` of ${databases.map(safeText).join(', ')}`;
      stderr.write(`No backups${whose} in ${safeText(directory)}.\n`);
      const others = databases.length === 0 ? [] : await databasesWithBackups(directory);
      if (others.length > 0) stderr.write(`There are backups of ${others.map(safeText).join(', ')}.\n`);
      stderr.write('Make one with create. If they are elsewhere, use --dir <folder>.\n');
    } else {
      await printResult(stdout, renderBackups(backups, context.now(), paint, widthOf(context), time));
      if (backups.length < total)
        stderr.write(`${countText(total - backups.length, 'older backup')} not shown.\n`);
    }
    if (flags.json === undefined && flags.quiet === undefined)
      for (const each of kept) stderr.write(`${wrapped(keptText(each, time), stderrWidthOf(context))}\n`);
    return 0;
  });
}

/** `There are backups with the labels manual, nightly.` */
function labelsText(backups: readonly Backup[]): string {
  const labels = [...new Set(backups.flatMap(({ label }) => label ?? []))].sort();
  if (labels.length === 0) return 'None has a label.';
  return `There are backups with the label ${labels.map(safeText).join(', ')}.`;
}

async function databasesWithBackups(directory: string): Promise<readonly string[]> {
  const { backups } = await readListing({ directory, databases: [] });
  return [...new Set(backups.map(({ database }) => database))];
}
