import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Privileges } from '../../server/privileges/privileges.ts';

/** A database that `doctor` looks at, and the account that it looks with. */
export interface ExaminedDatabase {
  readonly server: Server;
  readonly facts: DatabaseFacts;
  readonly account: string;
  readonly privileges: Privileges;
}
