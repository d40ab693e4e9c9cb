import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';

export const OLD_STATE_SCHEMA = 'dbbackup/old-state/1';

/**
 * What a restore replaced besides the rows of its tables, for as long as these are kept: with it they can be swapped
 * back. Texts of statements are bytes as latin1.
 */
export interface OldState {
  readonly schema: typeof OLD_STATE_SCHEMA;
  /** The restore that it is of, in the file. */
  readonly job?: string | undefined;
  readonly database: string;
  /** When it was read, before the tables moved: seconds since 1970, by the server's clock. */
  readonly at: number;
  /** The tables that it moved away. */
  readonly tables: readonly string[];
  /** Triggers of these tables, and the views, routines and events that it dropped. */
  readonly programs: readonly SavedObject[];
  /** Of the database. */
  readonly defaults: DatabaseDefaults;
  /** On these routines. */
  readonly grants: readonly RoutineGrant[];
  /** It is all that the database held; otherwise other things stayed in it. */
  readonly isWhole: boolean;
  /** What the restore put there. */
  readonly brought: ObjectNames;
}

/** The names of what comes back with it. */
export function namesOf({ tables, programs }: Pick<OldState, 'tables' | 'programs'>): ObjectNames {
  const of = (kind: SavedObject['kind']): readonly string[] =>
    programs.filter((program) => program.kind === kind).map(({ name }) => name);
  return { tables, views: of('view'), routines: of('routine'), triggers: of('trigger'), events: of('event') };
}
