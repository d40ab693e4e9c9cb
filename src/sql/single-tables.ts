import type { DumpReport } from './dump-report.ts';
import { isSplittable } from './script/load-plan.ts';
import type { LoadPlan } from './script/load-plan.ts';

/**
 * The findings of a dump as if it held nothing but these tables and their triggers.
 *
 * @param findings Of a dump that has a script.
 */
export function onlyTables(findings: DumpReport, tables: readonly string[]): DumpReport {
  const { script } = findings;
  if (!isSplittable(script)) return findings;
  const wanted = new Set(tables);
  const part: LoadPlan = {
    preset: script.preset,
    tables: script.tables.filter(({ name }) => wanted.has(name)),
    afterRows: script.afterRows.filter(({ table }) => wanted.has(table)),
    storedObjects: script.storedObjects.filter(
      ({ kind, table }) => kind === 'trigger' && wanted.has(table ?? ''),
    ),
  };
  return {
    ...findings,
    script: part,
    inventory: {
      tables: part.tables.map(({ name }) => name).sort(),
      views: [],
      routines: [],
      triggers: part.storedObjects.map(({ name }) => name).sort(),
      events: [],
    },
  };
}
