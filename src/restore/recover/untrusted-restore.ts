import type { InterruptedSwap, Job, Untrusted } from '../../jobs/record/job.ts';
import { untrustedText, wayOutOfUntrusted } from '../../jobs/record/untrusted-job.ts';
import { DbBackupError, inOneLine } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { connectServer } from '../../server/connect/server.ts';
import { readSchemasOf } from './schemas-of-job.ts';

/** An interrupted restore whose state file is not believed: nothing is dropped or renamed because that file says so. */
export function untrustedRestore(
  job: Job,
  untrusted: Untrusted,
  { directory, program }: { readonly directory: string; readonly program: string },
): DbBackupError {
  return new DbBackupError(
    'restore-incomplete',
    `The restore ${job.id} of ${job.database} was interrupted, but ${untrustedText(job, untrusted, directory)}, so it is neither completed nor rolled back.`,
    { hint: wayOutOfUntrusted(job, untrusted, directory, program) },
  );
}

/**
 * Leaves such a restore alone. Whether it matters the server tells: while the schema for the old tables is there, the
 * target may be between old and new; without it, the target is unchanged; and without either it ran elsewhere, or never.
 *
 * @throws {DbBackupError} `restore-incomplete` when it must be recovered before anything else.
 */
export async function leaveUntrusted(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  job: InterruptedSwap,
  untrusted: Untrusted,
  { signal, program, onProgress }: Runtime,
): Promise<void> {
  await using server = await connectServer(connection, signal);
  const schemas = await readSchemasOf(server, job.id);
  if (schemas.length === 0) return;
  const error = untrustedRestore(job, untrusted, { directory, program });
  if (schemas.some(({ name }) => name === scratchSchemas(job.id).old)) throw error;
  onProgress({ kind: 'warning', message: `${job.database} is unchanged. ${inOneLine(error)}` });
}
