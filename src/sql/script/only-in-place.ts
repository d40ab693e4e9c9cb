import { isSplittable } from './load-plan.ts';
import type { LoadPlan } from './load-plan.ts';
import type { NotSplittable } from './load-plan.ts';

/** Why a dump can be loaded into its target only, and into no staging schema; undefined when it can. */
export function whyOnlyInPlace(script: LoadPlan | NotSplittable): string | undefined {
  // Loaded as it stands, a dump may name the target, or change its defaults, wherever it is loaded.
  if (!isSplittable(script)) return `line ${script.line} ${script.reason}, so the dump cannot be split`;
  const rooted = script.tables.find(({ namesDatabase }) => namesDatabase);
  if (rooted === undefined) return undefined;
  return `the table ${rooted.name} refers to its own database or to other tables by name`;
}
