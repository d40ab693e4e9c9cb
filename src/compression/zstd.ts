import { programCodec } from './program-codec.ts';

/** Above the high-water mark of a pipe, `send` resolves only when everything has been written. */
const SURELY_WRITTEN_BYTES = 128 * 1024;

/**
 * @returns undefined when it does not say.
 * @throws {DbBackupError} `tool-missing`.
 */
export async function readZstdVersion(env: Environment, signal: AbortSignal): Promise<string | undefined> {
  const program = await startProgram({
    file: await findZstd(env),
    args: ['--version'],
    env: childEnvironment(env),
    stdin: 'ignore',
    signal,
  });
  const said = await text(program.stdout);
  await program.ended;
  return /v(\d+\.\d+\.\d+)/.exec(said)?.[1];
}

export async function findZstd(env: Environment): Promise<string> {
  const file = await findOnPath('zstd', env['PATH'] ?? '');
  if (file !== undefined) return file;
  throw new DbBackupError('tool-missing', 'zstd is not installed or not on the PATH.', {
    hint: 'apt install zstd, or use --compress gzip.',
  });
}

export async function zstdProgram(
  sink: Sink,
  level: number,
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<Compressor> {
  const program = await startProgram({
    file: await findZstd(env),
    args: [`-${level}`, '--quiet', '--stdout', '-'],
    env: childEnvironment(env),
    stdin: 'pipe',
    signal,
  });
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
      throw new DbBackupError('failed', `zstd ${how}`, {
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
      await sending; // one block is filled while the previous one is sent; otherwise the dump tool would wait for zstd
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
