import type { DatabaseFacts } from '../adapters/database-facts.ts';
import type { Server } from '../adapters/server.ts';
import type { Privileges } from '../model/privileges.ts';

/** A database that `doctor` looks at, and the account that it looks with. */
export interface ExaminedDatabase {
  readonly server: Server;
  readonly facts: DatabaseFacts;
  readonly account: string;
  readonly privileges: Privileges;
}
