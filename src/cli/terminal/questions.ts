import { isCancellation, DbBackupError } from '../../run/errors.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import type { Context } from '../process/context.ts';
import { isCi } from '../progress/choose-reporter.ts';

/** Whether prompting is possible: stdin and stderr are terminals, and it is not switched off. */
export function canAsk(context: Pick<Context, 'isTty' | 'env'>, flags: FlagValues): boolean {
  const forbidden = flags['no-input'] !== undefined || flags.json !== undefined || isCi(context.env);
  return context.isTty.stdin && context.isTty.stderr && !forbidden;
}

/**
 * Asks on the terminal, on stderr. Ctrl-C is the signal's own error.
 *
 * @throws {DbBackupError} `interrupted`.
 */
export async function askText(message: string, context: Context, signal: AbortSignal): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  return answer(signal, () => input({ message }, promptContext(context, signal)));
}

/** The same without showing what is typed. */
export async function askSecret(message: string, context: Context, signal: AbortSignal): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return answer(signal, () => password({ message }, promptContext(context, signal)));
}

/**
 * For `--ask-password`.
 *
 * @throws {DbBackupError} `usage` when prompting is not possible; `interrupted`.
 */
export async function askPassword(context: Context, flags: FlagValues, signal: AbortSignal): Promise<string> {
  if (canAsk(context, flags)) return askSecret('Password:', context, signal);
  throw new DbBackupError(
    'usage',
    'Cannot prompt for the password: there is no terminal, or prompting is off (--no-input, --json, CI).',
    {
      hint: 'give it with DBBACKUP_PASSWORD, DBBACKUP_PASSWORD_FILE or --password-file <file>',
    },
  );
}

/** inquirer writes to stderr, because stdout belongs to the result. */
function promptContext(
  context: Context,
  signal: AbortSignal,
): { input: NodeJS.ReadableStream; output: NodeJS.WritableStream; signal: AbortSignal } {
  return { input: context.stdin, output: context.stderr, signal };
}

/** inquirer has its own errors for Ctrl-C, for an aborted signal and for an end of input. */
async function answer(signal: AbortSignal, ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (cause) {
    if (isCancellation(signal.reason)) throw signal.reason;
    if (cause instanceof Error && /^(Exit|Abort|Cancel)PromptError$/.test(cause.name)) {
      throw new DbBackupError('interrupted', 'Cancelled. Nothing was changed.', { cause });
    }
    throw cause;
  }
}
