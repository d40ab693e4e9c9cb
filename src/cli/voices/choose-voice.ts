import type { FlagValues } from '../../settings/table/settings-table.ts';
import type { Context } from '../process/context.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { stderrWidthOf } from '../render/print-result.ts';
import { plainVoice } from './plain-voice.ts';
import { quietVoice } from './quiet-voice.ts';
import type { Voice } from './voice.ts';

/** The voice that fits where stderr leads and what was asked for. */
export async function chooseVoice(context: Context, flags: FlagValues): Promise<Voice> {
  const { env, stderr, isTty, now, columns } = context;
  const verbose = flags.verbose !== undefined;
  if (flags.quiet !== undefined && !verbose) return quietVoice(stderr, stderrWidthOf(context));
  // Without a width ora would count infinitely many lines, and clear them all.
  const canSpin = isTty.stderr && columns > 0 && env['TERM'] !== 'dumb' && !isCi(env);
  if (!canSpin) return plainVoice(stderr, { now, verbose });

  const color = wantsColor(isTty.stderr, flags, env);
  const [{ terminalVoice }, paint] = await Promise.all([import('./terminal-voice.ts'), choosePaint(color)]);
  return terminalVoice(stderr, { now, verbose, paint, color, width: columns });
}

/** CI servers may offer a terminal that nobody looks at and nobody types into. */
export function isCi(env: Context['env']): boolean {
  return !['', '0', 'false'].includes(env['CI'] ?? '');
}
