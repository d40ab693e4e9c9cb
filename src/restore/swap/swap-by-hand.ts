import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import { endSessionsOf } from '../../server/change/scratch-schemas.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { connectServer } from '../../server/connect/server.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { renameStatement } from './rename-tables.ts';
import type { SwapScript } from './swap-script.ts';
import { readHoldings } from './table-holdings.ts';
import { type Swap } from './table-holdings.ts';
import { type TableHoldings, movesBack } from './table-moves.ts';

/** What a user types who takes the tables back without us. */
export function rollingBackByHand(
  target: Pick<SwapScript, 'database'>,
  schemas: Swap['schemas'],
  holds: TableHoldings,
): string {
  const [stage, old] = [quoteName(schemas.stage), quoteName(schemas.old)];
  const back = movesBack(target, schemas, holds);
  const drops = `DROP DATABASE IF EXISTS ${stage}; DROP DATABASE IF EXISTS ${old};`;
  // Separate commands: a client continues with pasted statements after one fails.
  return back.length === 0
    ? `To remove what is left of it: ${drops}`
    : `To move the original tables back into ${target.database}: CREATE DATABASE IF NOT EXISTS ${stage}; ${renameStatement(back)};\nOnce they are back: ${drops}`;
}

/** How a swap is ended whose script cannot be read: where the tables are, and what to type, as a hint. */
export async function completingByHand(
  {
    connection,
    database,
    swap,
  }: { readonly connection: Connection; readonly database: string; readonly swap: SwapJournal },
  signal: AbortSignal,
): Promise<string> {
  await using server = await connectServer(connection, signal);
  await endSessionsOf(server, swap.old); // a RENAME that still waits would come later, unseen
  const holds = await readHoldings(server, { database }, swap);
  const places = `The tables of ${database} before the restore are in ${swap.old}, those of the backup in ${swap.stage}, if they are not in place.`;
  // Only the script knew the triggers that were dropped for the swap.
  const then =
    swap.returnCommand === undefined
      ? `Then restore again: triggers, views, routines and events of ${database} may be missing.`
      : `Then, to bring back triggers, views, routines and events as well:\n${swap.returnCommand}`;
  return `${places}\n${rollingBackByHand({ database }, swap, holds)}\n${then}`;
}
