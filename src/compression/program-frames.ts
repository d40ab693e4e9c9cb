import { childEnvironment } from '../programs/child-environment.ts';
import { type Program, startProgram } from '../programs/child-program.ts';
import { DbBackupError } from '../run/errors.ts';
import type { CompressionContext, Compressor, Entry, Sink } from './codec.ts';

/** A table that begins behind so much of a frame begins the next one: small tables share one, and a program. */
const LARGE_FRAME_BYTES = 16 * 1024 * 1024;
/** What the dump tool can be ahead of the compression; else they would wait for each other by turns. */
const MOST_BLOCKS_WAITING = 4;
/** Above the high-water mark of a pipe, `send` resolves only when everything has been written. */
const SURELY_WRITTEN_BYTES = 128 * 1024;

interface FrameProgram {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

interface Frame {
  readonly program: Program;
  /** Where reading may begin in it. */
  readonly entries: { readonly entry: Entry; readonly skipBytes: number }[];
  usedBytes: number;
  /** It has been given all of its text. */
  isFed: boolean;
  /** Resolves when the sink has all of it; rejects when the program fails, or the sink. */
  written: Promise<void>;
}

/**
 * Compresses by a program that is started for each frame: a stretch that can be read without what precedes it. The next
 * one begins while the last one is still being written.
 */
export function programFrames(
  { name, file, args }: FrameProgram,
  sink: Sink,
  { env, signal }: CompressionContext,
): Compressor {
  const running = new Set<Program>();
  const waiting: Promise<void>[] = [];
  let frame: Frame | undefined;
  /** Of all frames so far. */
  let written = Promise.resolve();
  let sent = Promise.resolve();
  let offsetBytes = 0;

  const beginFrame = async (): Promise<Frame> => {
    const program = await startProgram({ file, args, env: childEnvironment(env), stdin: 'pipe', signal });
    running.add(program);
    const begun: Frame = { program, entries: [], usedBytes: 0, isFed: false, written: Promise.resolve() };
    const before = written;
    written = (async () => {
      await before;
      await writeFrame(begun);
      running.delete(program);
    })();
    begun.written = written;
    written.catch(() => {
      program.kill(); // there is nowhere left to write to
    });
    return begun;
  };

  const writeFrame = async (of: Frame): Promise<void> => {
    const startBytes = offsetBytes;
    for await (const bytes of of.program.stdout as AsyncIterable<Buffer>) {
      offsetBytes += bytes.length;
      await sink(bytes);
    }
    await refuseFailure(name, of);
    for (const { entry, skipBytes } of of.entries) entry.onPlace({ offsetBytes: startBytes, skipBytes });
  };

  const endFrame = (): void => {
    const ended = frame;
    frame = undefined;
    if (ended === undefined) return;
    void enqueue(() => {
      ended.isFed = true;
      ended.program.endInput();
    });
  };

  const enqueue = (action: () => Promise<void> | void): Promise<void> => {
    sent = sent.then(action);
    sent.catch(() => undefined); // the next write or `end()` rejects with it
    return sent;
  };

  return {
    async write(bytes, entry, onDone) {
      if (entry !== undefined && (entry.isAlone || (frame?.usedBytes ?? 0) >= LARGE_FRAME_BYTES)) endFrame();
      const into = (frame ??= await beginFrame());
      if (entry !== undefined) into.entries.push({ entry, skipBytes: into.usedBytes });
      into.usedBytes += bytes.length;
      const sending = enqueue(async () => {
        // A short write may still be queued when `send` resolves, and the block's memory is reused after this.
        const own = bytes.length < SURELY_WRITTEN_BYTES ? Buffer.from(bytes) : bytes;
        if (!(await into.program.send(own))) await into.written; // it ended too early, which rejects
        onDone();
      });
      if (waiting.push(sending) >= MOST_BLOCKS_WAITING) await waiting.shift();
    },
    async end() {
      endFrame();
      await sent;
      await written;
    },
    async [Symbol.asyncDispose]() {
      for (const program of running) program.kill();
      await Promise.all(Array.from(running, ({ ended }) => ended));
      await written.catch(() => undefined); // the sink may have something in hand
    },
  };
}

/** @throws {DbBackupError} `failed`, with what the program says. */
async function refuseFailure(name: string, { program, isFed }: Frame): Promise<void> {
  const { exitCode, stderr, signal: killedBy } = await program.ended;
  if (exitCode === 0 && isFed) return;
  throw new DbBackupError('failed', `${name} ${howItEnded(exitCode, stderr, killedBy)}`, {
    hint: 'No backup was made. Fix the problem above, or use --compress gzip, which needs no program.',
  });
}

function howItEnded(exitCode: number | undefined, stderr: string, killedBy: string | undefined): string {
  if (exitCode === 0) return 'ended before it had read everything.';
  return killedBy === undefined
    ? `failed (exit ${String(exitCode)}): ${stderr}`
    : `was killed (${killedBy}).`;
}
