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
  const isVersion = line.kind === 'version';
  const text = isVersion ? `${version}\n` : line.text;
  const document = (): string =>
    isVersion ? jsonDocument('version', 0, { version }) : jsonDocument('help', 0, { help: line.text });
  await printResult(stdout, asksForJson(argv) ? document() : text);
  return 0;
}
