import type { Runtime } from '../../run/runtime.ts';
import { readSchema, objectNames, readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { createDatabase, dropObjects, alterDatabase } from '../../server/change/database-changes.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { isEmpty, countObjects } from '../../sql/definitions/object-names.ts';
import { clearedBy } from '../plan/cleared-objects.ts';
import { refuseNewcomers } from '../check/refuse-changed-target.ts';
import { explainUnmovable } from '../plan/unmovable-tables.ts';
import { type ReplaceRequest, defaultsOf, keepsOthers } from '../replace/replace-request.ts';
import { endedUnchanged } from './failure-with-state.ts';

/** Drops what must go, and gives the database the backup's defaults; makes it where it is missing. */
export async function clear(
  request: ReplaceRequest,
  session: SharedSession,
  onChange: () => void,
  runtime: Runtime,
): Promise<void> {
  const { connection, plan, target, backup, verified } = request;
  const server = await session.open();
  const defaults = defaultsOf(backup, verified.findings);
  const schema = await readSchema(server, target);
  if (schema === undefined) {
    await createDatabase(server, target, defaults);
    onChange();
    return;
  }
  const holds = objectNames(await readDatabaseFacts(server, target));
  const goes = clearedBy(holds, plan, keepsOthers(request));
  refuseNewcomers(plan, goes);
  if (!isEmpty(goes)) {
    runtime.onProgress({ kind: 'step', message: `Removing ${countObjects(goes)} from ${target}...` });
    let mayHaveChanged = false as boolean; // the callback sets it
    try {
      await dropObjects(server, target, goes, () => (mayHaveChanged = true));
    } catch (error) {
      // The server goes on with a statement whose client has left: a DROP that waits would come later, unseen. And of
      // one that the server refuses, it may have done nothing or a part.
      if (await endedUnchanged(request, server.connectionId, holds)) {
        mayHaveChanged = false;
      }
      throw await explainUnmovable(
        error,
        { connection, database: target, tables: goes.tables },
        runtime.signal,
      );
    } finally {
      if (mayHaveChanged) onChange();
    }
  }
  if (plan.onlyTables === undefined && defaults !== undefined && defaults.collation !== schema.collation) {
    await alterDatabase(server, target, defaults);
    onChange();
  }
}
