import { dropScratchSchema } from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SwapScript } from './swap-script.ts';

/** @param script Knows triggers that a server may have kept which was killed. */
export async function dropStage(
  server: Server,
  stage: string,
  script: SwapScript | undefined,
): Promise<void> {
  const triggers = script?.programs.filter(({ kind }) => kind === 'trigger').map(({ name }) => name);
  await dropScratchSchema(server, stage, triggers ?? []);
}

export async function dropOldTables(
  server: Server,
  { old, target }: { readonly old: string; readonly target: string },
  { onProgress }: Pick<Runtime, 'onProgress'>,
): Promise<void> {
  if (!(await dropScratchSchema(server, old, []))) return;
  // One that could be seen has kept the restore from coming this way.
  const message = `A table of another database has a foreign key to a table of ${target}, which could not be seen before. It followed the old table into ${old}, which no longer exists, and must be dropped and added again. To find it, with an account that may see it: SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = '${old}'; A restore with --in-place leaves such keys as they are.`;
  onProgress({ kind: 'warning', message });
}
