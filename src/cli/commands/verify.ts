import { verifyBackups, type Verification } from '../../verify/verify-backups.ts';
import { DbBackupError } from '../../run/errors.ts';
import { problemsOf } from '../after/run-report.ts';
import type { Invocation } from '../process/invocation.ts';
import { localRun, serverRun, type LocalRun, type ServerRun } from '../runs/server-run.ts';
import { renderFailure } from '../render/failure.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import {
  exitCodeOfVerifications,
  renderVerification,
  verificationsDocument,
} from '../render/verification.ts';
import { summaryText } from '../render/summary.ts';
import { printResult, stderrWidthOf, widthOf } from '../render/print-result.ts';
import { verifyRequest } from './verify-request.ts';

/** `dbbackup verify`: stdout gets what was proven for each backup, stderr what is wrong. */
export async function verify(invocation: Invocation): Promise<number> {
  // Without a rehearsal no server is needed, so its settings are not even resolved.
  if (invocation.flags.rehearse === undefined)
    return localRun('verify', invocation, (run) => verifyAll(invocation, run, undefined));
  return serverRun('verify', invocation, (run) => verifyAll(invocation, run, run));
}

async function verifyAll(
  invocation: Invocation,
  { given, runtime, reporter }: LocalRun,
  server: ServerRun | undefined,
): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env, cores } = context;
  const json = flags.json !== undefined;
  const request = verifyRequest(operands, server, given, {
    cwd,
    program: runtime.program,
    stdinIsTty: isTty.stdin,
    cores,
  });
  const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
  const begunAt = context.now().getTime();
  const verifications = await verifyBackups(request, runtime, {
    begins(reference) {
      reporter.begin(`${server === undefined ? 'Verifying' : 'Rehearsing'} ${reference}...`);
    },
    async ended(verification) {
      reporter.pause();
      if (!json && flags.quiet === undefined && verification.error === undefined)
        await printResult(stdout, renderVerification(verification, paint, widthOf(context)));
    },
  });
  const failed = verifications.filter(({ error }) => error !== undefined).length;
  const summary = summaryText({
    ...{ noun: 'backup', verb: server === undefined ? 'verified' : 'rehearsed', failed },
    done: verifications.length - failed,
    sizeBytes: verifications.reduce(
      (sum, { backup, error }) => sum + (error ? 0 : (backup?.sizeBytes ?? 0)),
      0,
    ),
    durationMs: context.now().getTime() - begunAt,
  });
  invocation.report.outcome = {
    databases: [...new Set(verifications.flatMap(({ backup }) => backup?.database ?? []))].filter(Boolean),
    backups: verifications.flatMap(({ backup }) => backup?.path ?? []),
    message: [
      ...verifications.flatMap(({ reference, error }) => (error === undefined ? [`${reference}: OK`] : [])),
      summary ?? '',
    ]
      .join('\n')
      .trimEnd(),
    problems: problemsOf(
      verifications.flatMap(({ reference, error }) =>
        error === undefined ? [] : [{ of: reference, error }],
      ),
    ),
    document: () => verificationsDocument(verifications),
  };
  await printProblems(verifications, invocation); // last, where they are noticed
  if (summary !== undefined) reporter.note(summary);
  if (json) await printResult(stdout, verificationsDocument(verifications));
  return exitCodeOfVerifications(verifications);
}

async function printProblems(
  verifications: readonly Verification[],
  { context, flags }: Invocation,
): Promise<void> {
  const paint = await choosePaint(wantsColor(context.isTty.stderr, flags, context.env));
  for (const { reference, error } of verifications) {
    if (error === undefined) continue;
    // Of a file that is given by its path, most messages begin with it.
    const isNamed = error.message.startsWith(`${reference} `);
    const named = new DbBackupError(error.code, isNamed ? error.message : `${reference}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
    context.stderr.write(renderFailure(named, paint, stderrWidthOf(context)));
  }
}
