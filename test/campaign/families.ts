import type { Family } from './family.ts';
import { cutConnectionsOfCreate, cutConnectionsOfRestore } from './cut-connections.ts';
import { deathsOfServerInCreate, deathsOfServerInRestore } from './deaths-of-server.ts';
import {
  failingCallsOfCreate,
  failingCallsOfRestore,
  killsAtCallsOfCreate,
  killsAtCallsOfRestore,
} from './failing-calls.ts';
import { killsOfCreate } from './kills-of-create.ts';
import { killedConnectionsOfRestore, killsOfRestore } from './kills-of-restore.ts';

/** Everything that the campaign does, in the order in which it does it. */
export const FAMILIES: readonly Family[] = [
  killsOfCreate,
  killsOfRestore,
  killedConnectionsOfRestore,
  deathsOfServerInCreate,
  deathsOfServerInRestore,
  cutConnectionsOfCreate,
  cutConnectionsOfRestore,
  killsAtCallsOfCreate,
  killsAtCallsOfRestore,
  failingCallsOfCreate,
  failingCallsOfRestore,
];
