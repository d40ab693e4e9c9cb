/** Schemas that belong to the server, not to the user. */
const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set([
  'information_schema',
  'performance_schema',
  'mysql',
  'sys',
]);

export function isSystemSchema(database: string): boolean {
  return SYSTEM_SCHEMAS.has(database.toLowerCase());
}
