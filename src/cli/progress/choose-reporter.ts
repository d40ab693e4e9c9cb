import type { FlagValues } from '../../settings/table/settings-table.ts';
import type { Context } from '../process/context.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { stderrWidthOf } from '../render/print-result.ts';
import { plainReporter } from './plain-reporter.ts';
import { quietReporter } from './quiet-reporter.ts';
import type { ProgressReporter } from './progress-reporter.ts';

/** The reporter that fits where stderr leads and what was asked for. */
export async function chooseReporter(context: Context, flags: FlagValues): Promise<ProgressReporter> {
  const { env, stderr, isTty, now, columns } = context;
  const verbose = flags.verbose !== undefined;
  if (flags.quiet !== undefined && !verbose) return quietReporter(stderr, stderrWidthOf(context));
  // Without a width ora would count infinitely many lines, and clear them all.
  const canSpin = isTty.stderr && columns > 0 && env['TERM'] !== 'dumb' && !isCi(env);
  if (!canSpin) return plainReporter(stderr, { now, verbose });

  const color = wantsColor(isTty.stderr, flags, env);
  const [{ terminalReporter }, paint] = await Promise.all([
    import('./terminal-reporter.ts'),
    choosePaint(color),
  ]);
  return terminalReporter(stderr, { now, verbose, paint, color, width: columns });
}

/** CI servers may offer a terminal that nobody reads and nobody types into. */
export function isCi(env: Context['env']): boolean {
  return !['', '0', 'false'].includes(env['CI'] ?? '');
}
