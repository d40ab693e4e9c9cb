import { amendJobFile, readJobFile } from '../../jobs/record/job-files.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { Runtime } from '../../run/runtime.ts';
import { dropScratchSchema, measureSchemas } from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';
import { removeSwapScript } from '../swap/swap-script-file.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import { dropOldTables, dropStage } from '../swap/clear-swap.ts';
import { removeOldState } from './old-state-file.ts';

/** A swap that is over but for what it leaves on the server. */
export interface EndedSwap {
  readonly directory: string;
  readonly job: string;
  readonly database: string;
  readonly swap: SwapJournal;
  readonly script: SwapScript | undefined;
  /** The target is what was staged; otherwise it is as it was. */
  readonly isCompleted: boolean;
}

/**
 * Removes what a swap leaves: the staging schema, and the old tables unless they are to be kept. An undo that was rolled
 * back leaves those that it had not brought back where they were. May be called again.
 *
 * @returns what is kept, which the job's state file says from then on; undefined: nothing.
 */
export async function endSwap(
  server: Server,
  ended: EndedSwap,
  runtime: Pick<Runtime, 'now' | 'userId' | 'onProgress'>,
): Promise<KeptTables | undefined> {
  const { directory, job, database, swap, script, isCompleted } = ended;
  const { stage, old, keepMs, undoes } = swap;
  if (isCompleted && undoes !== undefined) await forgetKept(directory, undoes, runtime);
  if (isCompleted || undoes === undefined) await dropStage(server, stage, script);
  const isKept = isCompleted && keepMs !== undefined;
  if (!isKept) {
    await dropOldTables(server, { old, target: database }, runtime);
    await removeOldState(directory, job);
  }
  await removeSwapScript(directory, job);
  if (!isKept) return undefined;
  const [measured] = await measureSchemas(server, [{ name: old, job }]);
  return {
    until: new Date(runtime.now().getTime() + keepMs).toISOString(),
    forMs: keepMs,
    sizeBytes: measured?.sizeBytes ?? 0,
    endpoint: swap.endpoint,
    server: swap.server,
  };
}

/** The previous tables of a restore are no longer where they were kept. May be called again. */
export async function forgetKept(
  directory: string,
  job: string,
  { userId }: Pick<Runtime, 'userId'>,
): Promise<void> {
  const keeping = await readJobFile(directory, job, userId).catch(() => undefined); // `status` tells of it
  if (keeping?.kept !== undefined) await amendJobFile(directory, { ...keeping, kept: undefined });
  await removeOldState(directory, job);
}

/** Drops the kept tables of a restore, then forgets them. */
export async function dropKept(
  server: Server,
  { directory, job, schema }: { readonly directory: string; readonly job: string; readonly schema: string },
  runtime: Pick<Runtime, 'userId'>,
): Promise<void> {
  await dropScratchSchema(server, schema, []);
  await forgetKept(directory, job, runtime);
}
