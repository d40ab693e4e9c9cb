import { extractBackup } from '../../../contents/extract-backup.ts';
import type { Invocation } from '../../process/invocation.ts';
import { extractDocument, extractText, proofText } from '../../render/contents/extract.ts';
import { printResult } from '../../render/print-result.ts';
import { localRun } from '../../runs/server-run.ts';
import { extractRequest } from './extract-request.ts';

/** `dbbackup extract`: stdout gets the SQL; with `--output` the path of the file. */
export async function extract(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout } = context;
  const [reference = ''] = operands;
  return localRun('extract', invocation, async ({ given, runtime, reporter }) => {
    const request = extractRequest(reference, given, cwd);
    // At a terminal the SQL itself is what is seen, or the pager that reads it.
    const isSeen = request.destination.kind === 'stdout' && (isTty.stdout || isTty.stderr);
    if (!isSeen) reporter.begin('Extracting SQL...');
    const extracted = await extractBackup(request, runtime);
    reporter.pause();
    if (extracted.isCutShort) return 0;
    if (!isSeen) reporter.succeed(extractText(extracted));
    const doubt = proofText(extracted, request, runtime.program);
    if (doubt !== undefined) runtime.onProgress({ kind: 'note', message: doubt });
    if (request.destination.kind === 'stdout') return 0;
    await printResult(
      stdout,
      flags.json === undefined ? `${extracted.path}\n` : extractDocument(extracted, request),
    );
    return 0;
  });
}
