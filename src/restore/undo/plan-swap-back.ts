import type { KeepingJob } from '../../jobs/record/keeping-job.ts';
import { DbBackupError } from '../../run/errors.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { type DatabaseFacts, findDatabaseFacts, objectNames } from '../../server/catalog/database-facts.ts';
import { readTablesWrittenSince } from '../../server/catalog/table-write-times.ts';
import { readSizeOfTables, readTableNames } from '../../server/change/scratch-schemas.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { Server } from '../../server/connect/server.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import { isEmpty, NOTHING, type ObjectNames, without } from '../../sql/definitions/object-names.ts';
import { warnOfReadOnly } from '../check/refuse-read-only-server.ts';
import { namesOf, type OldState } from '../keep/old-state.ts';
import { whyNotKept } from '../keep/plan-keeping.ts';
import { clearedBy } from '../plan/cleared-objects.ts';
import { whyNotSwapped } from '../plan/choose-method.ts';
import { undoneBy } from './undone-restore.ts';
import type { SwapBackPlan, UndoRequest } from './request.ts';

/**
 * What swapping the kept tables of a restore back would do. Whether their time is over does not matter while they are
 * there.
 *
 * @returns why it cannot be done, as a text, if so.
 * @throws {DbBackupError} `usage` when what is replaced would be dropped, of which there is no backup.
 */
export async function planSwapBack(
  {
    connection,
    keepOldMs,
    later,
  }: Pick<UndoRequest, 'connection' | 'keepOldMs'> & Pick<SwapBackPlan, 'later'>,
  job: KeepingJob,
  state: OldState,
  server: Server,
): Promise<SwapBackPlan | string> {
  const { database, kept } = job;
  const schema = scratchSchemas(job.id).old;
  const there = await readTableNames(server, schema);
  const missing = state.tables.find((name) => !there.has(name));
  if (missing !== undefined) return `${missing} is not in ${schema} any more`;
  const facts = await findDatabaseFacts(server, database);
  const holds = facts === undefined ? NOTHING : objectNames(facts);
  const brings = namesOf(state);
  const goes = leavingFor(state, holds);
  const reason = await whyNot(server, { database, facts, brings, holds, goes });
  if (reason !== undefined) return reason;
  const forMs = keepOldMs ?? kept.forMs;
  if (forMs === 0 && !isEmpty(goes)) throw notKept(database);
  const sizeBytes = await readSizeOfTables(server, database, goes.tables);
  const written = await readTablesWrittenSince(server, database, state.at);
  return {
    method: 'swap',
    restore: undoneBy(job),
    later,
    target: {
      database,
      endpoint: describeEndpoint(connection.endpoint),
      server: await readServerIdentity(server),
      exists: facts !== undefined,
      holds,
    },
    brings,
    removes: without(goes, brings),
    onlyTables: state.isWhole ? undefined : [...new Set([...state.tables, ...state.brought.tables])],
    writtenSince: written.filter((name) => goes.tables.includes(name)),
    keeping: isEmpty(goes) ? undefined : { forMs, sizeBytes },
    createsDatabase: facts === undefined,
    needsConfirmation: !isEmpty(holds),
    warnings: await warnOfReadOnly(server),
  };
}

function notKept(database: string): DbBackupError {
  return new DbBackupError(
    'usage',
    `What ${database} holds now would be lost: no backup is made of what kept tables replace, and --keep-old 0 would drop it. Nothing was touched.`,
    {
      hint: 'Give a time for which it is kept, such as --keep-old 1h; the first create or restore of the database after that removes it.',
    },
  );
}

/** What of a database leaves when an old state comes back. */
export function leavingFor(state: OldState, holds: ObjectNames): ObjectNames {
  if (state.isWhole) return holds;
  const back = clearedBy(holds, { brings: namesOf(state), spares: NOTHING }, true);
  const brought = clearedBy(holds, { brings: state.brought, spares: NOTHING }, true);
  const both = (kind: keyof ObjectNames): readonly string[] => [
    ...new Set([...back[kind], ...brought[kind]]),
  ];
  return {
    tables: both('tables'),
    views: both('views'),
    routines: both('routines'),
    triggers: both('triggers'),
    events: both('events'),
  };
}

async function whyNot(
  server: Server,
  at: {
    readonly database: string;
    readonly facts: DatabaseFacts | undefined;
    readonly brings: ObjectNames;
    readonly holds: ObjectNames;
    readonly goes: ObjectNames;
  },
): Promise<string | undefined> {
  const { database, facts, brings, holds, goes } = at;
  const stays = holds.tables.filter((name) => !goes.tables.includes(name));
  const reason = await whyNotSwapped({ target: database, facts, brings, stays }, server);
  return reason ?? (facts && (await whyNotKept(server, facts, goes)));
}
