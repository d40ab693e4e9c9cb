import { availableParallelism } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { childEnvironment } from '../programs/child-environment.ts';
import { type Program, startProgram } from '../programs/child-program.ts';
import { DbBackupError } from '../run/errors.ts';
import type { CompressionContext, Compressor, Entry, Sink } from './codec.ts';

/** More than the window of most levels; a program that starts costs as much as 1 MiB. */
const FRAME_BYTES = 16 * 1024 * 1024;
/** A table that begins behind so much of a frame begins the next one; small tables share one. */
const LARGE_FRAME_BYTES = FRAME_BYTES / 2;
/** Each takes the memory of a frame. */
const MOST_AT_ONCE = 6;

interface FrameProgram {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** Where reading may begin in a frame. */
interface FrameEntry {
  readonly skipBytes: number;
  readonly entry: Entry;
}

/** Cuts the text into frames, which a program compresses: as many at once as there are cores. */
export function programFrames(
  program: FrameProgram,
  sink: Sink,
  { env, signal }: CompressionContext,
): Compressor {
  const stop = new AbortController();
  const context = { env, signal: AbortSignal.any([signal, stop.signal]) };
  const atOnce = Math.min(availableParallelism(), MOST_AT_ONCE);
  const free: Buffer[] = [];
  const running = new Set<Promise<unknown>>();
  const writing: Promise<void>[] = [];
  let inOrder: Promise<void> = Promise.resolve();
  let offsetBytes = 0;
  let frame: Buffer | undefined;
  let [usedBytes, entries]: [number, FrameEntry[]] = [0, []];

  const finishFrame = async (): Promise<void> => {
    if (frame === undefined || usedBytes === 0) return;
    const [full, text, entered] = [frame, frame.subarray(0, usedBytes), entries];
    [frame, usedBytes, entries] = [undefined, 0, []];
    const compressed = compressFrame(program, text, context).finally(() => running.delete(compressed));
    running.add(compressed);
    const written = inOrder.then(async () => {
      const bytes = await compressed;
      free.push(full);
      for (const { entry, skipBytes } of entered) entry.onPlace({ offsetBytes, skipBytes });
      offsetBytes += bytes.length;
      await sink(bytes);
    });
    // Both are awaited below or in `end()`; until then a failure must not count as unhandled.
    compressed.catch(() => undefined);
    written.catch(() => undefined);
    inOrder = written;
    if (writing.push(written) >= atOnce) await writing.shift();
  };

  return {
    async write(bytes, entry, onDone) {
      const isEntry = entry !== undefined && (entry.isAlone || usedBytes >= LARGE_FRAME_BYTES);
      if (isEntry || usedBytes + bytes.length > FRAME_BYTES) await finishFrame();
      frame ??= free.pop() ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
      if (entry !== undefined) entries.push({ entry, skipBytes: usedBytes });
      usedBytes += bytes.copy(frame, usedBytes);
      onDone();
    },
    async end() {
      await finishFrame();
      await inOrder;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled([...running]);
    },
  };
}

/** @throws {DbBackupError} `failed`, with what the program says. */
async function compressFrame(
  { name, file, args }: FrameProgram,
  text: Buffer,
  { env, signal }: CompressionContext,
): Promise<Buffer> {
  const program = await startProgram({ file, args, env: childEnvironment(env), stdin: 'pipe', signal });
  const [compressed] = await Promise.all([buffer(program.stdout), feed(program, text)]);
  const { exitCode, stderr, signal: killedBy } = await program.ended;
  if (exitCode === 0) return compressed;
  const how =
    killedBy === undefined ? `failed (exit ${String(exitCode)}): ${stderr}` : `was killed (${killedBy}).`;
  throw new DbBackupError('failed', `${name} ${how}`, {
    hint: 'No backup was made. Fix the problem above, or use --compress gzip, which needs no program.',
  });
}

async function feed(program: Program, text: Buffer): Promise<void> {
  if (await program.send(text)) program.endInput();
}
