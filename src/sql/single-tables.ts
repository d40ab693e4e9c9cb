import type { DumpFindings } from './dump-findings.ts';
import { isScripted } from './script/load-script.ts';
import type { LoadScript } from './script/load-script.ts';

/**
 * The findings of a dump as if it held nothing but these tables and their triggers.
 *
 * @param findings Of a dump that has a script.
 */
export function onlyTables(findings: DumpFindings, tables: readonly string[]): DumpFindings {
  const { script } = findings;
  if (!isScripted(script)) return findings;
  const wanted = new Set(tables);
  const part: LoadScript = {
    preamble: script.preamble,
    tables: script.tables.filter(({ name }) => wanted.has(name)),
    afterRows: script.afterRows.filter(({ table }) => wanted.has(table)),
    programs: script.programs.filter(({ kind, table }) => kind === 'trigger' && wanted.has(table ?? '')),
  };
  return {
    ...findings,
    script: part,
    inventory: {
      tables: part.tables.map(({ name }) => name).sort(),
      views: [],
      routines: [],
      triggers: part.programs.map(({ name }) => name).sort(),
      events: [],
    },
  };
}
