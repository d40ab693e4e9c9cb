import type { DumpFindings } from './dump-guard.ts';
import { isScripted } from './load-script.ts';
import type { LoadScript } from './load-script.ts';

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

/** A foreign key, as SHOW CREATE TABLE writes it. Names are in their quotes. */
export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
}

const NAME = '`(?:[^`]|``)*`';
const FOREIGN_KEY = new RegExp(
  `^( {2}CONSTRAINT (${NAME}) FOREIGN KEY \\((${NAME}(?:, ${NAME})*)\\) REFERENCES )(${NAME}) \\((${NAME}(?:, ${NAME})*)\\)`,
  'gm',
);

/** Foreign keys of a table to others of its own database. */
export function foreignKeysOf(definition: string): readonly ForeignKey[] {
  const names = (list: string): readonly string[] => list.match(new RegExp(NAME, 'g')) ?? [];
  return Array.from(
    definition.matchAll(FOREIGN_KEY),
    ([, , name = '', columns = '', table = '', references = '']) => ({
      name,
      columns: names(columns),
      table,
      references: names(references),
    }),
  );
}

/**
 * A definition whose foreign keys to other tables than these name the database of those, because it is made in
 * another one first.
 *
 * @param database In its quotes, as are the tables.
 */
export function withReferencesTo(definition: string, database: string, tables: ReadonlySet<string>): string {
  return definition.replace(FOREIGN_KEY, (whole: string, head: string, _name, _columns, table: string) =>
    tables.has(table) ? whole : `${head}${database}.${whole.slice(head.length)}`,
  );
}
