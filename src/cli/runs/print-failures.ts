import { DbBackupError } from '../../run/errors.ts';
import type { Invocation } from '../process/invocation.ts';
import { renderFailure } from '../render/failure.ts';
import { stderrWidthOf } from '../render/print-result.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';

/** What failed of several databases. */
export type Failures = readonly { readonly database: string; readonly error: DbBackupError }[];

/** When nothing else happened, the failure alone is reported. */
export function throwOnlyFailure(done: readonly unknown[], failures: Failures): void {
  const [only, ...others] = failures;
  if (only !== undefined && others.length === 0 && done.length === 0) throw only.error;
}

export async function printFailures(
  failures: Failures,
  context: Invocation['context'],
  flags: Invocation['flags'],
): Promise<void> {
  const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
  for (const { database, error } of failures) {
    const named = new DbBackupError(error.code, `${database}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
    context.stderr.write(renderFailure(named, paint, stderrWidthOf(context)));
  }
}
