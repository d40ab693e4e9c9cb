import { startProgram } from '../programs/child-program.ts';
import { findOnPath, childEnvironment } from '../programs/child-environment.ts';
import { DbBackupError } from '../run/errors.ts';

export interface ReadContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export async function* unzstd(
  raw: AsyncIterable<Buffer>,
  { env, signal }: ReadContext,
): AsyncGenerator<Buffer> {
  const file = await findOnPath('zstd', env['PATH'] ?? '');
  if (file === undefined) {
    throw new DbBackupError('tool-missing', 'zstd is not installed or not on the PATH.', {
      hint: 'apt install zstd',
    });
  }
  const stop = new AbortController();
  const program = await startProgram({
    file,
    args: ['--decompress', '--quiet', '--stdout', '-'],
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
    if (exitCode !== 0) throw new Error(stderr.replaceAll(/\s+/g, ' ') || 'zstd was killed');
  } finally {
    stop.abort(); // when the reader stops early
    await program.ended;
  }
}
