import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Compression } from '../dump/dump-plan.ts';
import { DbBackupError } from '../run/errors.ts';
import { childEnvironment, findOnPath } from '../programs/client-programs.ts';
import { startProgram } from '../programs/child-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Receives compressed bytes in order; called again only when the promise of the call before is settled. */
export type Sink = (bytes: Buffer) => Promise<void>;

/** Turns blocks of SQL into the bytes of a file. Disposing ends what it has started, also half-way. */
export interface Compressor extends AsyncDisposable {
  /**
   * Takes one block. Resolves as soon as the next one may come, which is not when this one is written.
   *
   * @param onStart Told the offset in the compressed file at which the block starts, where that is known.
   * @param onDone The block's memory is free again.
   */
  write(bytes: Buffer, onStart: (offsetBytes: number) => void, onDone: () => void): Promise<void>;
  /** Resolves when everything has reached the sink. */
  end(): Promise<void>;
}

/**
 * Makes sure that a compressor can be opened, before anything is begun.
 *
 * @throws {DbBackupError} `tool-missing` when zstd is asked for and the machine has it not.
 */
export async function requireCompressor({ method }: Compression, env: Environment): Promise<void> {
  if (method === 'zstd') await findZstd(env);
}

/** @throws {DbBackupError} `tool-missing` as `requireCompressor` does. */
export async function openCompressor(
  compression: Compression,
  sink: Sink,
  context: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<Compressor> {
  switch (compression.method) {
    case 'none':
      return plain(sink);
    case 'gzip':
      return gzipMembers(sink, compression.level ?? 6);
    case 'zstd':
      return zstdProgram(sink, compression.level ?? 3, context);
  }
}

function plain(sink: Sink): Compressor {
  let offset = 0;
  return {
    async write(bytes, onStart, onDone) {
      onStart(offset);
      offset += bytes.length;
      await sink(bytes);
      onDone();
    },
    end: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** More than the four threads of Node's pool: each finds its next block waiting, and memory stays bounded. */
const MEMBERS_IN_FLIGHT = 6;
const compressMember = promisify<Buffer, { level: number; chunkSize: number }, Buffer>(gzip);

/**
 * Each block becomes a gzip member of its own, several at once on Node's thread pool. A sequence of members is a
 * valid gzip file (RFC 1952, section 2.2): gunzip and every library read it as one stream.
 */
function gzipMembers(sink: Sink, level: number): Compressor {
  let offset = 0;
  let inOrder: Promise<void> = Promise.resolve();
  const writing: Promise<void>[] = [];
  return {
    async write(bytes, onStart, onDone) {
      const compressed = compressMember(bytes, { level, chunkSize: Math.max(1024, bytes.length >>> 1) });
      const written = inOrder.then(async () => {
        const member = await compressed;
        onDone();
        onStart(offset);
        offset += member.length;
        await sink(member);
      });
      // Both are awaited below or in `end()`; until then a failure must not count as unhandled.
      compressed.catch(() => undefined);
      written.catch(() => undefined);
      inOrder = written;
      if (writing.push(written) >= MEMBERS_IN_FLIGHT) await writing.shift();
    },
    end: () => inOrder,
    [Symbol.asyncDispose]: () => inOrder.catch(() => undefined),
  };
}

/** Above the high-water mark of a pipe, `send` resolves only when everything is written. */
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

async function findZstd(env: Environment): Promise<string> {
  const file = await findOnPath('zstd', env['PATH'] ?? '');
  if (file !== undefined) return file;
  throw new DbBackupError('tool-missing', 'zstd is not installed, or not on the PATH.', {
    hint: 'apt install zstd, or use --compress gzip.',
  });
}

async function zstdProgram(
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
    program.kill(); // nowhere left to write to
  });
  const finished = async (): Promise<void> => {
    await copied;
    const { exitCode, stderr, signal: killedBy } = await program.ended;
    if (exitCode !== 0) {
      const how =
        killedBy === undefined ? `failed (exit ${String(exitCode)}): ${stderr}` : `was killed (${killedBy}).`;
      throw new DbBackupError('failed', `zstd ${how}`, {
        hint: 'No backup was made. Mend what it names, or use --compress gzip, which needs no program.',
      });
    }
  };
  const send = async (bytes: Buffer, onDone: () => void): Promise<void> => {
    // A short write may be queued when `send` resolves, and the block's memory is used again after this.
    const own = bytes.length < SURELY_WRITTEN_BYTES ? Buffer.from(bytes) : bytes;
    if (!(await program.send(own))) await finished(); // it has ended too early, which rejects
    onDone();
  };
  let sending = Promise.resolve();
  return {
    async write(bytes, _onStart, onDone) {
      await sending; // one block fills while the one before is sent, or the dump tool would wait for zstd
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
