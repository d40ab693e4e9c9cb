import type { Context } from './process/context.ts';
import { asksForJson, asksForPlugin } from './arguments/asks-for-format.ts';
import { beforeSeparator } from './arguments/refuse-password-arguments.ts';
import { exitCodeOf, failureDocument, renderFailure } from './render/failure.ts';
import { exitCodeOfPlugin, pluginFailure } from './render/health/nagios.ts';
import { withLocalTimes } from './render/text/quantities.ts';
import { choosePaint, wantsColor } from './render/text/paint.ts';
import { printResult, stderrWidthOf } from './render/print-result.ts';

/** Says what went wrong, on stderr, and with `--json` on stdout too; returns the exit code. Never throws. */
export async function reportFailure(
  error: unknown,
  argv: readonly string[],
  context: Context,
): Promise<number> {
  const { env, isTty, stdout, stderr } = context;
  if (asksForPlugin(argv)) {
    // A monitor reads stdout and the exit code, and those of dbbackup mean something else to it.
    await printResult(stdout, pluginFailure(error)).catch(() => undefined);
    return exitCodeOfPlugin('unknown');
  }
  const flags = beforeSeparator(argv).includes('--no-color') ? { 'no-color': true } : {};
  const paint = await choosePaint(wantsColor(isTty.stderr, flags, env));
  const text = renderFailure(error, paint, stderrWidthOf(context));
  stderr.write(isTty.stderr ? withLocalTimes(text) : text);
  if (asksForJson(argv)) {
    // stdout may be what failed; stderr has the failure already.
    await printResult(stdout, failureDocument(error)).catch(() => undefined);
  }
  return exitCodeOf(error);
}
