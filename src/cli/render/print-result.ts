import type { Writable } from 'node:stream';
import { DbBackupError } from '../../run/errors.ts';
import type { Context } from '../process/context.ts';

const READER_LEFT: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/**
 * Writes a result to stdout and waits until it is out.
 *
 * A reader that has gone (`| head -1`) is not a failure: it has what it wanted.
 *
 * @throws {DbBackupError} `no-space` or `failed` when stdout is a file that cannot be written.
 */
export async function printResult(stdout: Writable, text: string): Promise<void> {
  if (text === '') return;
  const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((settle) => {
    stdout.write(text, settle);
  });
  if (!failure || READER_LEFT.has(failure.code)) return;
  throw new DbBackupError(
    failure.code === 'ENOSPC' ? 'no-space' : 'failed',
    `The result could not be written to stdout: ${failure.message}.`,
    { cause: failure },
  );
}

/** How wide a table on stdout may be: a pipe or a file takes any width. */
export function widthOf({ isTty, columns }: Pick<Context, 'isTty' | 'columns'>): number {
  return isTty.stdout && columns > 0 ? columns : Infinity;
}

/** The same for what stderr says. */
export function stderrWidthOf({ isTty, columns }: Pick<Context, 'isTty' | 'columns'>): number {
  return isTty.stderr && columns > 0 ? columns : Infinity;
}
