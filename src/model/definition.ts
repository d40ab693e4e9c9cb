/**
 * Whether two CREATE TABLE texts define the same. The counter of AUTO_INCREMENT follows the rows, so it is not a part
 * of the definition.
 */
export function sameDefinition(one: string, other: string): boolean {
  return one === other || withoutCounter(one) === withoutCounter(other);
}

function withoutCounter(text: string): string {
  return text.replace(/(\n\).*?) AUTO_INCREMENT=\d+/, '$1');
}

/** Names of constraints are unique in a database: a second table of the same kind cannot have them. */
export function withoutConstraintNames(text: string): string {
  return text.replaceAll(/CONSTRAINT `(?:[^`]|``)*` /g, '');
}

/** Whether a table, as the server describes it, has the engine that a definition names; one that names none fits. */
export function hasEngineOf(found: string, definition: string): boolean {
  const named = engineOf(definition);
  return named === undefined || named === engineOf(found);
}

function engineOf(text: string): string | undefined {
  return /\n\)\s*ENGINE\s*=\s*(\w+)/i.exec(text)?.[1]?.toLowerCase();
}
