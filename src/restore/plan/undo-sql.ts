import { isEmpty } from '../../sql/definitions/object-names.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { RestorePlan } from './restore-plan.ts';

/**
 * The SQL that undoes a restore that replaces nothing: then there is nothing to bring back, only what it has brought to
 * remove.
 *
 * @returns undefined: it replaces something, which undo brings back.
 */
export function undoSqlOf({
  target: { database, holds, createStatement },
  onlyTables,
  createsDatabase,
}: Pick<RestorePlan, 'target' | 'onlyTables' | 'createsDatabase'>): string | undefined {
  const name = quoteName(database);
  if (createsDatabase) return `DROP DATABASE ${name};`;
  if (onlyTables !== undefined) {
    // A view of that name makes way, too.
    const isThere = (table: string): boolean => [...holds.tables, ...holds.views].includes(table);
    if (onlyTables.some(isThere)) return undefined;
    return `DROP TABLE ${onlyTables.map((table) => `${name}.${quoteName(table)}`).join(', ')};`;
  }
  return isEmpty(holds)
    ? `DROP DATABASE ${name}; ${createStatement ?? `CREATE DATABASE ${name}`};`
    : undefined;
}
