import { readRelatedTables } from '../../server/catalog/incoming-foreign-keys.ts';
import type { Server } from '../../server/connect/server.ts';
import { renameTables } from './rename-tables.ts';
import type { TableMove } from './table-moves.ts';

/**
 * Of a statement that moves more tables, each takes longer: of 5,000 at once three to six times as long as of 100
 * (measured on the three servers).
 */
const TABLES_AT_ONCE = 100;

/**
 * The moves into a target that holds no table, in the statements that take least time: nobody sees an old table there, so
 * the new ones need not appear at once. Tables that foreign keys tie to each other move together.
 */
export async function inBatches(
  server: Server,
  stage: string,
  moves: readonly TableMove[],
): Promise<readonly (readonly TableMove[])[]> {
  if (moves.length <= TABLES_AT_ONCE) return [moves];
  const related = await readRelatedTables(server, stage);
  const isRelated = ({ from: [, name] }: TableMove): boolean => related.has(name);
  const alone = moves.filter((move) => !isRelated(move));
  const batches: (readonly TableMove[])[] = [];
  for (let at = 0; at < alone.length; at += TABLES_AT_ONCE)
    batches.push(alone.slice(at, at + TABLES_AT_ONCE));
  const together = moves.filter(isRelated);
  return together.length === 0 ? batches : [...batches, together];
}

/** Takes moves back that were made, so that the target is empty again. As far as the server lets it: then it is told. */
export async function takeBack(server: Server, made: readonly TableMove[]): Promise<void> {
  const back = made.map(({ from, to }) => ({ from: to, to: from }));
  for (let at = 0; at < back.length; at += TABLES_AT_ONCE)
    await renameTables(server, back.slice(at, at + TABLES_AT_ONCE));
}
