import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';

/**
 * That a restore goes in place, in the job's state file from before its first change of the target until the target is
 * whole again: the backup, as it was, or, after a run that was cut off, what a later restore makes of it.
 */
export interface Replacement {
  /** Brings back what the target held. undefined: it held nothing, or the user wanted no safety backup. */
  readonly returnCommand?: string | undefined;
  /** The same restore again; it names the backup, for `latest` may soon be one of the half-filled target. */
  readonly restoreCommand: string;
  /** Only these are replaced; undefined: all. */
  readonly tables?: readonly string[] | undefined;
  /** What dropped routines have granted, and those that are made should. undefined: nothing, or of release 0.1.0. */
  readonly grants?: readonly RoutineGrant[] | undefined;
}

/** What a restore in place that was cut off has left, as one sentence. */
export function leftInPlace(database: string): string {
  return `${database} may hold only a part of the backup.`;
}

/**
 * For what a command helps then, and the command.
 *
 * @param between Them: a command stands on a line of its own, but where there is only one line.
 */
export function wayOutOf(
  { returnCommand, restoreCommand }: Replacement,
  database: string,
  between = '\n',
): string {
  return returnCommand === undefined
    ? `There is no safety backup. To restore again:${between}${restoreCommand}`
    : `To bring back what ${database} held:${between}${returnCommand}`;
}

/** Whether a restore makes good what one that was cut off has left. @param tables Of the later one; undefined: all. */
export function makesGood(tables: readonly string[] | undefined, cutOff: Replacement): boolean {
  return tables === undefined || cutOff.tables?.every((table) => tables.includes(table)) === true;
}
