import type { ClientProgram } from '../../programs/client-programs.ts';
import type { CommandHere } from '../../run/further-command.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Privileges } from '../../server/privileges/privileges.ts';
import type { Finding } from './finding.ts';

/** A database that `doctor` checks, and the account that it uses. */
export interface ExaminedDatabase {
  readonly server: Server;
  readonly facts: DatabaseFacts;
  readonly account: string;
  readonly privileges: Privileges;
  /** undefined: it is not there, or does not work. */
  readonly dumpTool: ClientProgram | undefined;
  readonly commandHere: CommandHere;
  readonly now: Runtime['now'];
}

/** A check of one database. Each file of checks lists its own. */
export type DatabaseCheck = (subject: ExaminedDatabase) => readonly Finding[] | Promise<readonly Finding[]>;
