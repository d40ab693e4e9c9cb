import { resolveLocalSettings } from '../../settings/resolve-local-settings.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { watchCancellation } from '../terminal/cancellation.ts';
import type { Invocation } from '../process/invocation.ts';
import type { renderSettings } from '../render/settings.ts';
import { stderrWidthOf } from '../render/print-result.ts';
import { runtimeOf } from './runtime-of.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { lookup, type Lookup } from '../../settings/values/given-text.ts';
import { plainReporter } from '../progress/plain-reporter.ts';
import { quietReporter } from '../progress/quiet-reporter.ts';

/** What commands that only read the backup directory have once their settings are resolved. */
export interface ReadingRun {
  /** The backup directory, absolute. */
  readonly directory: string;
  readonly given: Lookup;
  readonly runtime: Runtime;
}

/** Runs what only reads the backup directory: no server, no spinner. */
export async function readingRun<T>(
  command: CommandName,
  invocation: Invocation,
  run: (parts: ReadingRun) => Promise<T>,
): Promise<T> {
  const { context, flags } = invocation;
  context.skipOptimizing();
  const verbose = flags.verbose !== undefined;
  // At a terminal a warning needs no time; in a log it does.
  const isBrief = !verbose && (flags.quiet !== undefined || context.isTty.stderr);
  const reporter = isBrief
    ? quietReporter(context.stderr, stderrWidthOf(context))
    : plainReporter(context.stderr, { now: context.now, verbose });
  using cancellation = watchCancellation(context.signals, () => undefined);
  const runtime = runtimeOf(invocation, cancellation.signal, reporter.onProgress);
  const given = lookup((await resolveLocalSettings(flags, runtime)).values, flags, context.env);
  if (verbose) {
    const renderSettings = await loadRenderSettings();
    for (const line of renderSettings(command, given, undefined)) reporter.note(line);
  }
  return await run({ directory: parseDirectory(given('dir'), runtime.cwd), given, runtime });
}

/** TypeScript does not rewrite the path of an import in a function that has a `using`. */
async function loadRenderSettings(): Promise<typeof renderSettings> {
  return (await import('../render/settings.ts')).renderSettings;
}
