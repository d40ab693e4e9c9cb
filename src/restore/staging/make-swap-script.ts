import { scratchSchemas } from '../../run/scratch-names.ts';
import { findDatabaseFacts, objectNames } from '../../server/catalog/database-facts.ts';
import { readTriggers } from '../../server/change/triggers.ts';
import { readNameFolding } from '../../server/definitions/show-create.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { strayKeysOf } from '../../sql/definitions/foreign-keys.ts';
import { NOTHING } from '../../sql/definitions/object-names.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { replacingView } from '../../sql/script/stored-object-text.ts';
import { defaultsOf } from '../replace/replace-request.ts';
import { keepsOthers } from '../replace/replace-request.ts';
import type { Descriptions } from '../load/compare-definitions.ts';
import type { LoadedTables } from '../load/parallel/loaded-tables.ts';
import { savedObject } from '../load/try-stored-objects.ts';
import { clearedBy } from '../plan/cleared-objects.ts';
import type { WayBack } from '../replace/way-back.ts';
import {
  refuseNewcomers,
  refuseNewDefinitions,
  refuseNewReferences,
} from '../check/refuse-changed-target.ts';
import { readGrantsToKeep } from '../routine-grants/keep-routine-grants.ts';
import { type SwapScript, SWAP_SCHEMA } from '../swap/swap-script.ts';
import type { StagingRequest } from './staging-request.ts';

/** How the tables change places, and what follows, of what the target holds now. */
export async function makeSwapScript(
  request: StagingRequest,
  loaded: LoadedTables,
  { descriptions, way }: { readonly descriptions: Descriptions; readonly way: WayBack },
  session: SharedSession,
): Promise<SwapScript> {
  const { connection, directory, backup, verified, target, plan, userId } = request;
  const server = await session.open();
  const facts = await findDatabaseFacts(server, target);
  const schema = facts && { charset: facts.charset, collation: facts.collation };
  const holds = facts === undefined ? NOTHING : objectNames(facts);
  const goes = clearedBy(holds, plan, keepsOthers(request));
  refuseNewcomers(plan, goes);
  refuseNewDefinitions(target, facts, way);
  const leaving = new Set(goes.tables);
  const stays = holds.tables.filter((name) => !leaving.has(name));
  const scratch = scratchSchemas(request.job).stage; // whose foreign keys come along
  await refuseNewReferences({ server, target, leaving: goes.tables, stays, scratch });
  const isWhole = plan.onlyTables === undefined || schema === undefined;
  const defaults = isWhole ? defaultsOf(backup, verified.findings) : undefined;
  const fold = await readNameFolding(server);
  const among = (names: readonly string[]): ((name: string) => boolean) => {
    const folded = new Set(names.map(fold));
    return (name) => folded.has(fold(name));
  };
  const moving = { arrives: among(plan.brings.tables), leaves: among(goes.tables) };
  return {
    schema: SWAP_SCHEMA,
    database: target,
    createsDatabase: schema === undefined,
    arriving: plan.brings.tables,
    leaving: goes.tables,
    drops: { views: goes.views, routines: goes.routines, events: goes.events },
    defaults: defaults ?? schema ?? null,
    triggers: schema === undefined ? [] : await readTriggers(server, target, goes.tables),
    strayKeys: strayKeysOf(descriptions, quoteName(target), moving),
    preamble: loaded.preset,
    programs: loaded.programs.map((program) => savedObject(program, replacingView(program))),
    grants: await readGrantsToKeep({
      ...{ server, connection, directory, target, backup, userId },
      holds: holds.routines,
      goes: goes.routines,
      brings: plan.brings.routines,
    }),
  };
}
