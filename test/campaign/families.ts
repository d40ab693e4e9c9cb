import type { Family } from './family.ts';
import { cutConnectionsOfCreate, cutConnectionsOfRestore } from './cut-connections.ts';
import { deathsOfServerInCreate, deathsOfServerInRestore } from './deaths-of-server.ts';
import { damagedFiles } from './damaged-files.ts';
import { everyDamage } from './every-damage.ts';
import { detachedJobs } from './detached-jobs.ts';
import {
  failingCallsOfCreate,
  failingCallsOfRestore,
  killsAtCallsOfCreate,
  killsAtCallsOfRestore,
} from './failing-calls.ts';
import { fullDisks } from './full-disks.ts';
import { generatedSchemas } from './generated-schemas.ts';
import { guardAndClients } from './guard-and-clients.ts';
import { honestDumps, hostileDumps } from './hostile-dumps.ts';
import { hostileCorpus, hostileMutations } from './walls.ts';
import { killsOfCreate } from './kills-of-create.ts';
import { killedConnectionsOfRestore, killsOfRestore } from './kills-of-restore.ts';
import { lateWriters } from './late-writers.ts';
import { failingCallsOfPrune, killsAtCallsOfPrune, killsOfPrune } from './kills-of-prune.ts';
import { killsOfUndo } from './kills-of-undo.ts';
import { commandRaces, lockRaces } from './lock-races.ts';
import { lyingClients, lyingDumpTools } from './lying-programs.ts';
import { manyTables } from './many-tables.ts';
import { otherPrograms } from './other-programs.ts';
import { randomGrants } from './random-grants.ts';
import { seenSecrets } from './seen-secrets.ts';
import { signalsOfCreate } from './signals-of-create.ts';
import { splitDumps } from './split-dumps.ts';
import { staleLocks } from './stale-locks.ts';

/** Everything that the campaign does, in the order in which it does it. */
export const FAMILIES: readonly Family[] = [
  killsOfCreate,
  signalsOfCreate,
  killsOfRestore,
  killedConnectionsOfRestore,
  killsOfUndo,
  killsOfPrune,
  lateWriters,
  deathsOfServerInCreate,
  deathsOfServerInRestore,
  cutConnectionsOfCreate,
  cutConnectionsOfRestore,
  killsAtCallsOfCreate,
  killsAtCallsOfRestore,
  failingCallsOfCreate,
  failingCallsOfRestore,
  killsAtCallsOfPrune,
  failingCallsOfPrune,
  fullDisks,
  damagedFiles,
  everyDamage,
  lyingDumpTools,
  lyingClients,
  hostileDumps,
  hostileCorpus,
  hostileMutations,
  honestDumps,
  guardAndClients,
  splitDumps,
  manyTables,
  otherPrograms,
  generatedSchemas,
  lockRaces,
  commandRaces,
  staleLocks,
  detachedJobs,
  seenSecrets,
  randomGrants,
];
