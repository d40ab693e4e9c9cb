import { isScripted } from './load-script.ts';
import type { LoadScript } from './load-script.ts';
import type { Unscripted } from './load-script.ts';

/** Why a dump can be loaded into its target only, and into no staging schema; undefined when it can. */
export function whyOnlyInPlace(script: LoadScript | Unscripted): string | undefined {
  // Loaded as it stands, a dump may name the target, or change its defaults, wherever it is loaded.
  if (!isScripted(script)) return `line ${script.line} ${script.reason}, so the dump cannot be taken apart`;
  const rooted = script.tables.find(({ namesDatabase }) => namesDatabase);
  if (rooted === undefined) return undefined;
  return `the table ${rooted.name} names the database or the tables that it stands beside`;
}
