import { DbBackupError } from '../../run/errors.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { watchCancellation } from '../terminal/cancellation.ts';
import { secretFlagsOf, withoutSecretFlags } from '../arguments/secret-flags.ts';
import { detachRisks } from './detach-risks.ts';
import type { Invocation } from '../process/invocation.ts';
import { askPassword } from '../terminal/questions.ts';
import { jsonDocument } from '../render/text/json.ts';
import { printResult } from '../render/print-result.ts';
import { chooseReporter } from '../progress/choose-reporter.ts';

/**
 * `--detach`: starts the same command again, in its own session, and waits until its job has passed every quick
 * check. stdout gets the job's id; of several databases, one on each line.
 *
 * @throws {DbBackupError} what that run failed with, before its job was accepted.
 */
export async function detach(command: 'create' | 'restore', invocation: Invocation): Promise<number> {
  const { context, flags, argv } = invocation;
  const reporter = await chooseReporter(context, flags);
  using cancellation = watchCancellation(context.signals, () => undefined);
  const child = await context.startDetached(withoutSecretFlags(argv));
  const release = (): void => {
    child.release();
  };
  cancellation.signal.addEventListener('abort', release);
  if (cancellation.signal.aborted) release(); // while it was loaded
  try {
    for await (const message of child.messages) {
      switch (message.kind) {
        case 'warning':
          reporter.onProgress(message);
          break;
        case 'ask-password': {
          const password = await askPassword(context, flags, cancellation.signal);
          child.answer({ kind: 'password', password });
          break;
        }
        case 'ask-flags':
          child.answer({ kind: 'flags', flags: secretFlagsOf(flags) });
          break;
        case 'failed':
          throw new DbBackupError(message.code, message.message, { hint: message.hint });
        case 'accepted': {
          for (const risk of detachRisks(context.surroundings))
            reporter.onProgress({ kind: 'warning', message: risk });
          const { directory, job, jobs = [job] } = message;
          const wait = furtherCommand(
            ...([directory, 'status', [jobs.at(-1) ?? job], ['--wait'], context.program] as const),
          );
          reporter.note(
            jobs.length === 1
              ? `The job runs in the background. To wait for it: ${wait}`
              : `${jobs.length} jobs run in the background, one after the other. To wait for the last: ${wait}`,
          );
          const document = { job: jobs.length === 1 ? job : undefined, jobs };
          const text = jobs.map((id) => `${id}\n`).join('');
          await printResult(
            context.stdout,
            flags.json === undefined ? text : jsonDocument(command, 0, document),
          );
          return 0;
        }
      }
    }
    cancellation.signal.throwIfAborted();
    throw new DbBackupError('failed', 'The detached run exited before its job started.', {
      hint: 'Run the command without --detach to see why.',
    });
  } finally {
    cancellation.signal.removeEventListener('abort', release);
    release();
    reporter.pause();
  }
}

/** The refusal of what a detached run cannot do. */
export function undetachable(what: string, hint: string): DbBackupError {
  return new DbBackupError('usage', `--detach ${what}.`, { hint });
}
