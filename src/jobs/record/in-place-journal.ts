import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';

/**
 * The journal of a restore in place, in the job's state file from before its first change of the target until the
 * target is complete again: as in the backup, unchanged, or, after an interrupted run, restored by a later run.
 */
export interface Replacement {
  /** Brings back the target's previous contents. undefined: it was empty, or the user wanted no safety backup. */
  readonly returnCommand?: string | undefined;
  /**
   * The same restore again; it names the backup, because `latest` may soon be one of the partly filled target.
   * undefined: of a job that is not trusted.
   */
  readonly restoreCommand?: string | undefined;
  /** Only these are replaced; undefined: all. */
  readonly tables?: readonly string[] | undefined;
  /**
   * Grants on the dropped routines, to be given again on the new ones. undefined: none, or written by release 0.1.0.
   */
  readonly grants?: readonly RoutineGrant[] | undefined;
}

/** The state that an interrupted restore in place left, as one sentence. */
export function leftInPlace(database: string): string {
  return `${database} may hold only part of the backup.`;
}

/**
 * What to do then, with the command.
 *
 * @param between The separator: a command is on its own line, except where there is only one line.
 */
export function wayOutOf(
  { returnCommand, restoreCommand }: Replacement,
  database: string,
  between = '\n',
): string {
  if (returnCommand !== undefined)
    return `To bring back the previous contents of ${database}:${between}${returnCommand}`;
  const again = restoreCommand === undefined ? '' : ` To restore again:${between}${restoreCommand}`;
  return `There is no safety backup.${again}`;
}

/**
 * Whether a restore resolves what an interrupted one has left. @param tables Of the later one; undefined: all.
 */
export function makesGood(tables: readonly string[] | undefined, interrupted: Replacement): boolean {
  return tables === undefined || interrupted.tables?.every((table) => tables.includes(table)) === true;
}
