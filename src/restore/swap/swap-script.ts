import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import type { StrayKey } from '../../sql/definitions/foreign-keys.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import type { SavedObject } from '../../sql/script/stored-object-text.ts';

export const SWAP_SCHEMA = 'dbbackup/swap/1';

/**
 * All that a swap needs besides the tables, so that it can be completed or rolled back without the backup; kept next to
 * the job's state file while the swap is under way. Texts of statements are bytes as latin1.
 */
export interface SwapScript {
  readonly schema: typeof SWAP_SCHEMA;
  /** The restore that it is of, in the file. undefined there: written by an earlier release. */
  readonly job?: string | undefined;
  readonly database: string;
  /** It was not there before. */
  readonly createsDatabase: boolean;
  /** Tables that come from the staging schema. */
  readonly arriving: readonly string[];
  /** Tables that leave the target. */
  readonly leaving: readonly string[];
  /** What is dropped when the tables have changed places; what the backup has of the same name is then made anew. */
  readonly drops: Pick<ObjectNames, 'views' | 'routines' | 'events'>;
  /** The database's own, as the backup has them; null: they stay. */
  readonly defaults: DatabaseDefaults | null;
  /** Triggers of tables that leave, which cannot leave with them. */
  readonly triggers: readonly SavedObject[];
  /** Foreign keys that lead into the target only when they are made anew. undefined: written by an earlier release. */
  readonly strayKeys?: readonly StrayKey[] | undefined;
  /** What the session is set to for the programs. Of earlier releases: the SETs at the head of the dump. */
  readonly preamble: readonly string[];
  readonly programs: readonly SavedObject[];
  /** To be given when the routines are made: dropping them takes these along. undefined: of release 0.1.0. */
  readonly grants?: readonly RoutineGrant[] | undefined;
}
