import type { CommandLine } from './arguments/parse-command-line.ts';
import type { Context } from './process/context.ts';
import { asksForJson } from './arguments/asks-for-format.ts';
import { jsonDocument } from './render/text/json.ts';
import { printResult } from './render/print-result.ts';

/** Prints help or the version; as a document where one was asked for. */
export async function printText(
  line: Exclude<CommandLine, { kind: 'run' }>,
  argv: readonly string[],
  { stdout, version }: Context,
): Promise<number> {
  const body = line.kind === 'version' ? { version } : { help: line.text };
  const text = line.kind === 'version' ? `${version}\n` : line.text;
  await printResult(stdout, asksForJson(argv) ? jsonDocument(line.kind, true, body) : text);
  return 0;
}
