import { backupReference } from '../../../backups/record/backup.ts';
import { pinBackup } from '../../../prune/pin-backup.ts';
import type { Invocation } from '../../process/invocation.ts';
import { printResult } from '../../render/print-result.ts';
import { pinDocument, pinText } from '../../render/prune/pin.ts';
import { safeText } from '../../render/text/safe-text.ts';
import { localRun } from '../../runs/server-run.ts';
import { pinRequest } from './pin-request.ts';

/** `dbbackup pin`: keeps a backup whatever the policy of prune says; stdout gets its name. */
export async function pin(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  return localRun('pin', invocation, async ({ given, runtime, reporter }) => {
    const outcome = await pinBackup(pinRequest(operands[0], given, context), runtime);
    reporter.succeed(pinText(outcome));
    const text = `${safeText(backupReference(outcome.backup))}\n`;
    await printResult(context.stdout, flags.json === undefined ? text : pinDocument(outcome));
    return 0;
  });
}
