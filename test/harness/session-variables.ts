import type { TestServer } from './test-server.ts';

/** Names of the variables that a session has for itself: what others do on the server moves none of them. */
export async function sessionVariableNames(server: TestServer): Promise<ReadonlySet<string>> {
  const names = await server.sql(
    server.flavour === 'mariadb'
      ? "SELECT LOWER(VARIABLE_NAME) FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE <> 'GLOBAL';"
      : "SELECT VARIABLE_NAME FROM performance_schema.variables_metadata WHERE VARIABLE_SCOPE <> 'GLOBAL';",
  );
  return new Set(names.split('\n'));
}
