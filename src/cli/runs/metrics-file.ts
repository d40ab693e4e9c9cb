import { resolve } from 'node:path';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { settingsOf } from '../../settings/table/settings-of-command.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { ProgressReporter } from '../progress/progress-reporter.ts';

/**
 * `--metrics-file`, at the end of every run of a command that has it, whatever came of the run. What goes wrong here is a
 * warning.
 */
export async function tellMetrics(
  command: CommandName,
  {
    given,
    runtime,
    reporter,
  }: { readonly given: Lookup; readonly runtime: Runtime; readonly reporter: ProgressReporter },
): Promise<void> {
  const file = given('metrics-file');
  const isAsked = file !== undefined && settingsOf(command).some(({ key }) => key === 'metrics-file');
  if (!isAsked || given('dry-run') !== undefined) return;
  const path = resolve(runtime.cwd, file.text);
  try {
    const { writeMetricsFile } = await import('../../health/metrics/write-metrics-file.ts');
    await writeMetricsFile(path, parseDirectory(given('dir'), runtime.cwd), runtime);
  } catch (error) {
    // Even a bug here is none of the run that has just ended.
    const why = error instanceof DbBackupError ? inOneLine(error) : String(error);
    reporter.onProgress({ kind: 'warning', message: `The metrics file was not written: ${why}` });
  }
}
