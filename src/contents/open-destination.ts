import { openPartialFile, prepareOwnPath } from '../files/partial-file.ts';
import { DbBackupError } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import type { ExtractRequest } from './extract-request.ts';

/** Where SQL is written. Disposing without `publish()` leaves nothing of a file. */
export interface OpenDestination extends AsyncDisposable {
  /** Absolute; `-` for stdout. */
  readonly path: string;
  /** @throws {DbBackupError} `no-space`; `failed`. After a reader that has left anything at all, to stop the work. */
  write(bytes: Buffer): Promise<void>;
  /** Makes it durable and gives it its name. */
  publish(): Promise<void>;
  /** Whether whoever read it has left: it has what it wanted. */
  isLeft(): boolean;
}

/** @throws {DbBackupError} `failed` when the file exists; `no-space` when it cannot be made. */
export async function openDestination(
  destination: ExtractRequest['destination'],
  runtime: Runtime,
): Promise<OpenDestination> {
  return destination.kind === 'stdout' ? toStdout(runtime) : toFile(destination.path);
}

async function toFile(path: string): Promise<OpenDestination> {
  // There is no record of this run that would tell whether another one has died.
  await prepareOwnPath(path, () => Promise.resolve(false));
  const file = await openPartialFile(path, newJobId());
  return {
    path,
    write: (bytes) => file.write(bytes),
    async publish() {
      await file.sync();
      await file.publish();
    },
    isLeft: () => false,
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

const READER_LEFT: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

function toStdout({ stdout }: Runtime): OpenDestination {
  let hasLeft = false;
  return {
    path: '-',
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error: NodeJS.ErrnoException | null | undefined) => {
          if (!error) {
            resolve();
            return;
          }
          hasLeft ||= READER_LEFT.has(error.code);
          const code = error.code === 'ENOSPC' ? 'no-space' : 'failed';
          reject(
            new DbBackupError(code, `The SQL could not be written to stdout: ${error.message}.`, {
              cause: error,
            }),
          );
        });
      }),
    publish: () => Promise.resolve(),
    isLeft: () => hasLeft,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
