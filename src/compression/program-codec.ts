import { text } from 'node:stream/consumers';
import { startProgram } from '../programs/child-program.ts';
import { childEnvironment, findOnPath } from '../programs/child-environment.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Codec, CompressionContext, Compressor, Environment, Sink } from './codec.ts';

/** Above the high-water mark of a pipe, `send` resolves only when everything has been written. */
const SURELY_WRITTEN_BYTES = 128 * 1024;

interface Arguments {
  readonly compress: (level: number) => readonly string[];
  readonly decompress: readonly string[];
}

/**
 * Compression by a program that reads stdin and writes stdout.
 *
 * @param name Of the program, and of the package that has it.
 */
export function programCodec(name: string, args: Arguments): Codec {
  const find = (env: Environment): Promise<string> =>
    findProgram(name, env, `apt install ${name}, or use --compress gzip.`);
  return {
    program: { name, find, readVersion: async (context) => readVersion(await find(context.env), context) },
    compress: async (sink, level, context) =>
      compressBy({ name, file: await find(context.env), args: args.compress(level) }, sink, context),
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

async function compressBy(
  { name, file, args }: { readonly name: string; readonly file: string; readonly args: readonly string[] },
  sink: Sink,
  { env, signal }: CompressionContext,
): Promise<Compressor> {
  const program = await startProgram({ file, args, env: childEnvironment(env), stdin: 'pipe', signal });
  const copied = (async () => {
    for await (const bytes of program.stdout) await sink(bytes as Buffer);
  })();
  copied.catch(() => {
    program.kill(); // there is nowhere left to write to
  });
  const finished = async (): Promise<void> => {
    await copied;
    const { exitCode, stderr, signal: killedBy } = await program.ended;
    if (exitCode !== 0) {
      const how =
        killedBy === undefined ? `failed (exit ${String(exitCode)}): ${stderr}` : `was killed (${killedBy}).`;
      throw new DbBackupError('failed', `${name} ${how}`, {
        hint: 'No backup was made. Fix the problem above, or use --compress gzip, which needs no program.',
      });
    }
  };
  const send = async (bytes: Buffer, onDone: () => void): Promise<void> => {
    // A short write may still be queued when `send` resolves, and the block's memory is reused after this.
    const own = bytes.length < SURELY_WRITTEN_BYTES ? Buffer.from(bytes) : bytes;
    if (!(await program.send(own))) await finished(); // it ended too early, which rejects
    onDone();
  };
  let sending = Promise.resolve();
  return {
    async write(bytes, _onStart, onDone) {
      await sending; // one block fills while the one before is sent, or the dump tool would wait for the program
      sending = send(bytes, onDone);
      sending.catch(() => undefined); // the next write or `end()` rejects with it
    },
    async end() {
      await sending;
      program.endInput();
      await finished();
    },
    async [Symbol.asyncDispose]() {
      program.kill();
      await program.ended;
    },
  };
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
