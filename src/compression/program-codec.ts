import { text } from 'node:stream/consumers';
import { startProgram } from '../programs/child-program.ts';
import { childEnvironment, findOnPath } from '../programs/child-environment.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Codec, CompressionContext, Environment } from './codec.ts';
import { programFrames } from './program-frames.ts';

interface Arguments {
  readonly compress: (level: number) => readonly string[];
  readonly decompress: readonly string[];
}

/**
 * Compression by a program that reads stdin and writes stdout, and takes what it wrote several times in a row as one.
 *
 * @param name Of the program, and of the package that has it.
 */
export function programCodec(name: string, args: Arguments): Codec {
  const find = (env: Environment): Promise<string> =>
    findProgram(name, env, `apt install ${name}, or use --compress gzip.`);
  return {
    program: { name, find, readVersion: async (context) => readVersion(await find(context.env), context) },
    compress: async (sink, level, context) =>
      programFrames({ name, file: await find(context.env), args: args.compress(level) }, sink, context),
    decompress: (raw, context) => decompressBy(name, args.decompress, raw, context),
  };
}

async function findProgram(name: string, env: Environment, hint: string): Promise<string> {
  const file = await findOnPath(name, env['PATH'] ?? '');
  if (file !== undefined) return file;
  throw new DbBackupError('tool-missing', `${name} is not installed or not on the PATH.`, { hint });
}

async function readVersion(file: string, { env, signal }: CompressionContext): Promise<string | undefined> {
  const program = await startProgram({
    file,
    args: ['--version'],
    env: childEnvironment(env),
    stdin: 'ignore',
    signal,
  });
  const said = await text(program.stdout);
  await program.ended;
  return /v(\d+\.\d+\.\d+)/.exec(said)?.[1];
}

async function* decompressBy(
  name: string,
  args: readonly string[],
  raw: AsyncIterable<Buffer>,
  { env, signal }: CompressionContext,
): AsyncGenerator<Buffer> {
  const file = await findProgram(name, env, `apt install ${name}`);
  const stop = new AbortController();
  const program = await startProgram({
    file,
    args,
    env: childEnvironment(env),
    stdin: 'pipe',
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const fed = (async () => {
    for await (const bytes of raw) if (!(await program.send(bytes))) break;
    program.endInput();
  })();
  fed.catch(() => {
    stop.abort(); // the file cannot be read: nothing more will come
  });
  try {
    yield* program.stdout as AsyncIterable<Buffer>;
    await fed;
    const { exitCode, stderr } = await program.ended;
    if (exitCode !== 0) throw new Error(stderr.replaceAll(/\s+/g, ' ') || `${name} was killed`);
  } finally {
    stop.abort(); // when the reader stops early
    await program.ended;
  }
}
