import type { ProgramEnd } from '../programs/child-program.ts';
import { startProgram } from '../programs/child-program.ts';
import { childEnvironment } from '../programs/child-environment.ts';
import { renderClientOptionFile } from '../programs/client-option-file.ts';
import type { ClientProgram } from '../programs/client-programs.ts';
import { openPrivateOptionFile } from '../programs/private-option-file.ts';
import type { Runtime } from '../run/runtime.ts';
import type { Connection } from '../server/connect/connection.ts';

/**
 * Runs the dump tool, and hands over what it writes.
 *
 * @param dump.settings What the tool's session must set first.
 * @param take Reads the text to its end; when it rejects, the tool is ended and this rejects alike.
 * @returns what `take` gave, and how the tool ended, which the caller judges.
 */
export async function runDumpTool<T>(
  dump: {
    readonly connection: Connection;
    readonly tool: ClientProgram;
    readonly arguments: readonly string[];
    readonly settings: readonly string[];
  },
  take: (text: AsyncIterable<Buffer>) => Promise<T>,
  runtime: Pick<Runtime, 'env' | 'signal'>,
): Promise<{ readonly value: T; readonly end: ProgramEnd }> {
  const { connection, tool, settings } = dump;
  await using options = await openPrivateOptionFile(
    renderClientOptionFile(connection, tool, tool.options.has('init-command') ? [] : settings),
    runtime.env['TMPDIR'],
  );
  const stop = new AbortController();
  const program = await startProgram({
    file: tool.file,
    args: dump.arguments,
    env: childEnvironment(runtime.env),
    optionFileFd: options.fd,
    stdin: 'ignore',
    signal: AbortSignal.any([runtime.signal, stop.signal]),
  });
  let value: T;
  try {
    value = await take(program.stdout as AsyncIterable<Buffer>);
  } catch (error) {
    stop.abort(); // there is nowhere left to write the dump to
    await program.ended;
    runtime.signal.throwIfAborted();
    throw error;
  }
  const end = await program.ended;
  runtime.signal.throwIfAborted();
  return { value, end };
}
