import { verifyBackups, type Verification } from '../../core/verify-backups.ts';
import { DbBackupError } from '../../model/errors.ts';
import type { Invocation } from '../invocation.ts';
import { localRun } from '../long-run.ts';
import { renderFailure } from '../render/failure.ts';
import { choosePaint, wantsColor } from '../render/paint.ts';
import {
  exitCodeOfVerifications,
  renderVerification,
  verificationsDocument,
} from '../render/verification.ts';
import { printResult } from '../result.ts';
import { verifyRequest } from './verify-request.ts';

/** `dbbackup verify`: stdout gets what was proved of each backup, stderr what is wrong with which. */
export async function verify(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env } = context;
  const json = flags.json !== undefined;
  return localRun('verify', invocation, async ({ given, runtime, voice }) => {
    const request = verifyRequest(operands, given, { cwd, stdinIsTty: isTty.stdin });
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const verifications = await verifyBackups(request, runtime, {
      begins(reference) {
        voice.begin(`Verifying ${reference}...`);
      },
      async ended(verification) {
        voice.rest();
        if (!json && flags.quiet === undefined && verification.error === undefined)
          await printResult(stdout, renderVerification(verification, paint));
      },
    });
    await printProblems(verifications, invocation); // last, where they are seen
    if (json) await printResult(stdout, verificationsDocument(verifications));
    return exitCodeOfVerifications(verifications);
  });
}

async function printProblems(
  verifications: readonly Verification[],
  { context, flags }: Invocation,
): Promise<void> {
  const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
  for (const { reference, error } of verifications) {
    if (error === undefined) continue;
    const named = new DbBackupError(error.code, `${reference}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
    context.stderr.write(renderFailure(named, paint));
  }
}
