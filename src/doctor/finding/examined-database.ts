import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Privileges } from '../../server/privileges/privileges.ts';

/** A database that `doctor` checks, and the account that it uses. */
export interface ExaminedDatabase {
  readonly server: Server;
  readonly facts: DatabaseFacts;
  readonly account: string;
  readonly privileges: Privileges;
}
