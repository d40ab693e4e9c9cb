import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import { readTableNames } from '../../server/change/scratch-schemas.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { Server } from '../../server/connect/server.ts';
import type { SwapScript } from './swap-script.ts';
import { type TableHoldings, hasMoved } from './table-moves.ts';

export interface Swap {
  readonly onWarning: (message: string) => void;
  readonly connection: Connection;
  readonly script: SwapScript;
  readonly schemas: Pick<SwapJournal, 'stage' | 'old'>;
}

export async function readHoldings(
  server: Server,
  { database }: Pick<SwapScript, 'database'>,
  { stage, old }: Swap['schemas'],
): Promise<TableHoldings> {
  return {
    stage: await readTableNames(server, stage),
    old: await readTableNames(server, old),
    target: await readTableNames(server, database),
  };
}

/** Whether the tables have changed places; some of them, when the server died in the middle of it. */
export async function hasSwapped(server: Server, { script, schemas }: Swap): Promise<boolean> {
  return hasMoved(script, await readHoldings(server, script, schemas));
}
