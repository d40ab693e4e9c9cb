import { type ObjectNames, without } from '../../sql/definitions/object-names.ts';
import type { RestorePlan } from './restore-plan.ts';

/**
 * What is dropped before the load: everything but what is spared, or with `keepExtra` only what stands in the backup's
 * way. Tables and views share their names.
 */
export function clearedBy(
  holds: ObjectNames,
  { brings, spares }: Pick<RestorePlan, 'brings' | 'spares'>,
  keepExtra: boolean,
): ObjectNames {
  if (!keepExtra) return without(holds, spares);
  const relations = new Set([...brings.tables, ...brings.views]);
  const among = (names: readonly string[], taken: readonly string[]): readonly string[] =>
    names.filter((name) => taken.includes(name));
  return {
    tables: holds.tables.filter((name) => relations.has(name)),
    views: holds.views.filter((name) => relations.has(name)),
    routines: among(holds.routines, brings.routines),
    triggers: among(holds.triggers, brings.triggers),
    events: among(holds.events, brings.events),
  };
}
