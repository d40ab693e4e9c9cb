import type { Runtime } from '../../run/runtime.ts';
import { readSchema } from '../../server/catalog/database-facts.ts';
import { createDatabase } from '../../server/change/database-changes.ts';
import { dropScratchSchema } from '../../server/change/scratch-schemas.ts';
import { wasRefused } from '../../server/connect/server-failures.ts';
import { readNameFolding } from '../../server/definitions/show-create.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import { withReferencesTo } from '../../sql/definitions/foreign-keys.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { NotRowsError } from '../../sql/rows/row-values.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import { defaultsOf } from '../replace/replace-request.ts';
import { keepsOthers } from '../replace/replace-request.ts';
import { checkReferences } from '../load/check-references.ts';
import { type Descriptions, checkStaging } from '../load/compare-definitions.ts';
import { rowPrivileges, takeLoadAccount } from '../load/load-account.ts';
import { loadInParallel } from '../load/parallel/load-in-parallel.ts';
import type { LoadedTables } from '../load/parallel/loaded-tables.ts';
import { clearedBy } from '../plan/cleared-objects.ts';
import { loadConnections } from '../plan/restore-plan.ts';
import type { StagingRequest } from './staging-request.ts';

/**
 * Makes the staging schema and loads the tables into it.
 *
 * @param session Closed before the load takes its connections.
 * @param onRefused Called when the server does not let the schema be made.
 */
export async function fillStaging(
  request: StagingRequest,
  schema: string,
  onRefused: () => void,
  session: SharedSession,
  runtime: Runtime,
): Promise<LoadedTables> {
  const { connection, backup, file, verified, plan, target, lock, job } = request;
  const server = await session.open();
  const defaults: DatabaseDefaults | undefined =
    defaultsOf(backup, verified.findings) ?? (await readSchema(server, target));
  await createDatabase(server, schema, defaults).catch((error: unknown) => {
    if (wasRefused(error)) onRefused();
    throw error;
  });
  const definition = referringTo(request, await readNameFolding(server));
  runtime.onProgress({ kind: 'step', message: 'Restoring database from backup...', phase: 'load' });
  const { script } = verified.findings;
  if (plan.loader.kind !== 'parallel' || !isSplittable(script))
    throw new Error('a dump that cannot be split is loaded in place');
  const { connections } = plan.loader;
  await using rows = await takeLoadAccount(
    {
      ...{ connection, schema, job, privileges: rowPrivileges(script), connections },
      ...{ plan: plan.loadAccount, note: request.noteLoadAccount },
    },
    session,
    runtime,
  );
  await session.close();
  const load = {
    ...{ connection, loadAccount: rows.login, schema, connections, definition, lock },
  };
  try {
    return await loadInParallel({ ...load, script, file, verified }, runtime);
  } catch (error) {
    if (!(error instanceof NotRowsError)) throw error;
  }
  // Rows that the fast reader does not know: the guard reads all, says what is wrong, or lets it be loaded.
  const whole = await request.readWhole(session);
  if (!isSplittable(whole.verified.findings.script)) throw new Error('it could be split before');
  const again = await session.open();
  await dropScratchSchema(again, schema, []);
  await createDatabase(again, schema, defaults);
  await session.close();
  runtime.onProgress({ kind: 'step', message: 'Restoring database from backup...', phase: 'load' });
  return await loadInParallel({ ...load, script: whole.verified.findings.script, ...whole }, runtime);
}

/**
 * What the backup does not bring is referred to in the target, not in the staging schema, whether it is there or not.
 * Not what leaves the target: a foreign key would follow it.
 */
function referringTo(
  { target, plan, keepExtra }: StagingRequest,
  fold: (name: string) => string,
): (statement: Buffer, charset: string) => Buffer {
  const goes = clearedBy(plan.target.holds, plan, keepsOthers({ plan, keepExtra })).tables;
  const moving = new Set([...plan.brings.tables, ...goes].map(fold));
  return (statement, charset) =>
    withReferencesTo(statement, quoteName(target), (table) => moving.has(fold(table)), charset);
}

/** Against the backup's definitions. */
export async function checkTables(
  request: StagingRequest,
  loaded: LoadedTables,
  stage: string,
  session: SharedSession,
  runtime: Runtime,
): Promise<Descriptions> {
  const { connection, backup, plan, target, job } = request;
  const madeBy = backup.manifest?.server;
  const { tables } = plan.brings;
  const descriptions = await checkStaging(
    { connection, stage, job, target, tables, loaded, madeBy, connections: loadConnections(plan) },
    session,
    runtime,
  );
  if (plan.target.exists && keepsOthers(request)) {
    const mustHold = plan.onlyTables !== undefined;
    await checkReferences({ stage, target, descriptions, mustHold }, session, runtime);
  }
  return descriptions;
}
