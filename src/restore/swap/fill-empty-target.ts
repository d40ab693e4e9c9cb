import { DbBackupError } from '../../run/errors.ts';
import { readRelatedTables } from '../../server/catalog/incoming-foreign-keys.ts';
import { ServerStatementError, wasRefused } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { workTogether } from '../../server/session/work-together.ts';
import { renameTables, useOldSchema } from './rename-tables.ts';
import type { Swap } from './table-holdings.ts';
import type { TableMove } from './table-moves.ts';

/**
 * Of a statement that moves more tables, each takes longer: of 5,000 at once three to six times as long as of 100
 * (measured on the three servers).
 */
const TABLES_AT_ONCE = 100;
/**
 * With one, a table takes MariaDB two thirds of the time, MySQL six sevenths; with more, MariaDB hardly less, and MySQL
 * as long as alone (measured on two cores, data on disk).
 */
const FURTHER_SESSIONS = 1;

/**
 * Makes the moves into a target that holds no table, in the statements that take least time: nobody sees an old table
 * there, so the new ones need not appear at once. When the server refuses one, the target is empty again, as far as the
 * server lets it: `hasSwapped` tells.
 *
 * @param session Of which `server` is one.
 * @param move Makes some of the moves, all or none.
 * @throws what `move` threw first; by then no session moves any more.
 */
export async function fillEmptyTarget(
  server: Server,
  session: Pick<SharedSession, 'openBeside'>,
  { stage, old }: Swap['schemas'],
  moves: readonly TableMove[],
  move: (by: Server, some: readonly TableMove[], stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const batches = await inBatches(server, stage, moves);
  const left = batches.values(); // of all sessions: who is free takes the next
  const made: (readonly TableMove[])[] = [];
  try {
    await workTogether(server, session, Math.min(FURTHER_SESSIONS, batches.length - 1), async (by, stop) => {
      await useOldSchema(by, old);
      for (const batch of left) {
        if (stop.aborted) return;
        await move(by, batch, stop);
        made.push(batch);
      }
    });
  } catch (error) {
    // What is moved then, or by a session that was lost, is moved to its end.
    if (wasRefused(error)) await takeBack(server, made).catch(() => undefined);
    throw error;
  }
}

/**
 * In the statements that take least time. Tables that foreign keys tie to each other move together; they may be most of
 * all, so they go first.
 */
export async function inBatches(
  server: Server,
  stage: string,
  moves: readonly TableMove[],
): Promise<readonly (readonly TableMove[])[]> {
  if (moves.length <= TABLES_AT_ONCE) return [moves];
  const related = await readRelatedTables(server, stage).catch(undefinedIfUntold);
  if (related === undefined) return [moves];
  const isRelated = ({ from: [, name] }: TableMove): boolean => related.has(name);
  const together = moves.filter(isRelated);
  const alone = moves.filter((move) => !isRelated(move));
  const batches = together.length === 0 ? [] : [together];
  for (let at = 0; at < alone.length; at += TABLES_AT_ONCE)
    batches.push(alone.slice(at, at + TABLES_AT_ONCE));
  return batches;
}

/** Who may not ask MariaDB's InnoDB opens tables of everybody to tell, which other sessions may prevent. */
function undefinedIfUntold(error: unknown): undefined {
  if (!(error instanceof DbBackupError) || error.code !== 'failed' || error instanceof ServerStatementError)
    throw error;
}

async function takeBack(server: Server, made: readonly (readonly TableMove[])[]): Promise<void> {
  for (const batch of made)
    await renameTables(
      server,
      batch.map(({ from, to }) => ({ from: to, to: from })),
    );
}
