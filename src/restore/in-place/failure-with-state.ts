import { sentence } from '../../run/sentence.ts';
import type { Replacement } from '../../jobs/record/in-place-journal.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { objectNames, readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { dropDatabase, dropObjects, endConnection } from '../../server/change/database-changes.ts';
import { connectServer } from '../../server/connect/server.ts';
import { type ObjectNames, isEmpty, without } from '../../sql/definitions/object-names.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { ReplaceRequest } from '../replace/replace-request.ts';
import type { SafetyBackup } from '../replace/safety-backup.ts';

/** A signal or time limit wants the run to end; tidying up must not keep it from that. */
export const CLEAN_UP_MS = 8_000;

export interface InPlaceRequest extends ReplaceRequest {
  /** undefined: the target held nothing, or the user wanted none. */
  readonly safety: SafetyBackup | undefined;
  /** Brings back what the target held. undefined: it held nothing, or the user wanted no safety backup. */
  readonly returnCommand: string | undefined;
  readonly replacement: Replacement;
  /** Resolves when it is on disk. undefined: the target is whole. */
  readonly journal: (replacing: Replacement | undefined) => Promise<void>;
}

export async function endJournal({ journal }: InPlaceRequest): Promise<void> {
  await journal(undefined).catch(() => undefined); // the job's last state, which follows, says it again
}

/** Ends a statement of ours on the server, and looks whether the target still holds all that it held. */
export async function endedUnchanged(
  { connection, target }: ReplaceRequest,
  connectionId: number,
  held: ObjectNames,
): Promise<boolean> {
  try {
    await using server = await connectServer(connection, AbortSignal.timeout(CLEAN_UP_MS));
    await endConnection(server, connectionId);
    return isEmpty(without(held, objectNames(await readDatabaseFacts(server, target))));
  } catch {
    return false; // then it is told as changed, which it may be
  }
}

/** The same failure, told with the state that the target is in and what to type next. */
export async function toldWithState(
  error: DbBackupError,
  changed: boolean,
  request: InPlaceRequest,
  runtime: Runtime,
): Promise<DbBackupError> {
  const { target, plan, returnCommand } = request;
  const cancelled = isCancellation(error);
  // A file that turns out to be damaged now says that nothing was touched, which is no longer so.
  const own = changed && error.code === 'damaged' ? undefined : error.hint;
  const told = (
    code: 'restore-failed' | 'restore-incomplete',
    state: string,
    hint: string | undefined,
  ): DbBackupError =>
    new DbBackupError(cancelled ? error.code : code, `${sentence(error.message)} ${state}`, {
      hint: [own, hint].filter((part) => part !== undefined).join(' ') || undefined,
      cause: error,
    });
  if (!changed) return told('restore-failed', `${target} is unchanged.`, undefined);
  if (isEmpty(plan.target.holds)) {
    try {
      const left = await emptyAgain(request, runtime);
      await endJournal(request);
      return told('restore-failed', EMPTIED[left](target), undefined);
    } catch {
      // The failure that counts is the first one; the state below says what it left.
      return told(
        'restore-incomplete',
        `${target} was empty before and now holds part of the backup.`,
        `To empty it: DROP DATABASE ${quoteName(target)};`,
      );
    }
  }
  return returnCommand === undefined
    ? told(
        'restore-incomplete',
        `${target} now holds only part of the backup, and there is no safety backup.`,
        'Fix the cause, then restore again.',
      )
    : told(
        'restore-incomplete',
        `${target} now holds only part of the backup.`,
        `To bring back its previous contents:\n${returnCommand}`,
      );
}

const EMPTIED = {
  nothing: (target: string) => `${target} was removed again.`,
  database: (target: string) => `${target} is empty again, as it was.`,
  others: (target: string) =>
    `${target} no longer holds anything from the backup; what other sessions created in it is kept.`,
} as const;

/** @returns what is left. */
async function emptyAgain(
  { connection, target, plan }: ReplaceRequest,
  runtime: Runtime,
): Promise<keyof typeof EMPTIED> {
  // Not under the run's own signal, which may be what ended the load.
  await using server = await connectServer(connection, AbortSignal.timeout(CLEAN_UP_MS));
  await dropObjects(server, target, plan.brings, () => undefined);
  runtime.onProgress({ kind: 'detail', message: `Removed what was loaded into ${target}.` });
  if (!isEmpty(objectNames(await readDatabaseFacts(server, target)))) return 'others';
  if (!plan.createsDatabase) return 'database';
  await dropDatabase(server, target);
  return 'nothing';
}
