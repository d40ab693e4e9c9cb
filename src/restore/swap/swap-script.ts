import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import type { StrayKey } from '../../sql/definitions/foreign-keys.ts';
import { isJobId } from '../../run/job-id.ts';
import type { ProgramKind, SessionDelta } from '../../sql/script/load-script.ts';
import type { ObjectNames } from '../plan/restore-plan.ts';
import type { RoutineGrant } from '../../backups/record/routine-grants.ts';

/**
 * How far a restore through a staging schema has come. Each is written before what it names is begun, so that of a
 * run that died it is known what may have happened.
 *
 * - `staging`: the staging schema is being filled, or dropped again; nothing of the target has changed.
 * - `swapping`: triggers of the target are dropped, then all tables change places in one statement.
 * - `finishing`: the tables are the backup's; views, routines, triggers and events follow.
 * - `clearing`: the target is the backup; what it held before is being dropped.
 */
export const SWAP_STEPS = ['staging', 'swapping', 'finishing', 'clearing'] as const;
export type SwapStep = (typeof SWAP_STEPS)[number];

/** The journal of a swap, in the job's state file until the swap is over. */
export interface SwapJournal {
  readonly step: SwapStep;
  /** The schema that is filled from the backup. */
  readonly stage: string;
  /** The schema that the tables of the target move to. */
  readonly old: string;
  /** Brings back what the target held. undefined: it held nothing, or the user wanted no safety backup. */
  readonly returnCommand?: string | undefined;
  /** Finishes it or takes it back, on the server that it runs on. undefined: written by an earlier release. */
  readonly resumeCommand?: string | undefined;
  /** The server, as the run reaches it. */
  readonly endpoint?: string | undefined;
  /** Its identity: where neither schema is there, it may be another one. undefined: of release 0.1.0. */
  readonly server?: string | undefined;
}

export const SWAP_SCHEMA = 'dbbackup/swap/1';

/**
 * All that a swap needs besides the tables, so that it can be finished or taken back without the backup; kept beside
 * the job's state file while the swap is under way. Texts of statements are bytes as latin1.
 */
export interface SwapScript {
  readonly schema: typeof SWAP_SCHEMA;
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
  readonly triggers: readonly SavedProgram[];
  /** Foreign keys that lead into the target only when they are made anew. undefined: written by an earlier release. */
  readonly strayKeys?: readonly StrayKey[] | undefined;
  readonly preamble: readonly string[];
  readonly programs: readonly SavedProgram[];
  /** To be given when the routines are made: dropping them takes these along. undefined: of release 0.1.0. */
  readonly grants?: readonly RoutineGrant[] | undefined;
}

export interface SavedProgram {
  readonly kind: ProgramKind;
  readonly name: string;
  readonly settings: SessionDelta;
  readonly statement: string;
}

/** Fit for a schema's name, whatever the database's is. */
export function scratchSchemas(job: string): { readonly stage: string; readonly old: string } {
  return { stage: `dbbackup_stage_${job}`, old: `dbbackup_old_${job}` };
}

/** Of a schema of ours: whether a restore loads into it; else it takes the old tables. */
export function isStage(schema: string): boolean {
  return schema.startsWith('dbbackup_stage_');
}

/** The job that made a scratch schema; undefined for any other schema, such as a user's own of a like name. */
export function jobOfScratchSchema(schema: string): string | undefined {
  const [, job] = /^dbbackup_(?:stage|old)_([a-z0-9]+)$/.exec(schema) ?? [];
  return job !== undefined && isJobId(job) ? job : undefined;
}

type Tables = Pick<SwapScript, 'database' | 'arriving' | 'leaving'>;

/** The names of the tables that each schema holds now. */
export interface TableHoldings {
  readonly stage: ReadonlySet<string>;
  readonly old: ReadonlySet<string>;
  readonly target: ReadonlySet<string>;
}

/**
 * Whether tables have changed places, all or some. What the staging schema lacks proves nothing: somebody may have
 * dropped it.
 */
export function hasMoved({ arriving, leaving }: Tables, holds: TableHoldings): boolean {
  return leaving.length > 0
    ? leaving.some((name) => holds.old.has(name))
    : // Nothing had to leave. A table in both places is another one, which kept this from moving.
      arriving.some((name) => holds.target.has(name) && !holds.stage.has(name));
}

/** Tables of the backup that are neither in place nor in the staging schema. */
export function lostTables({ arriving, leaving }: Tables, holds: TableHoldings): readonly string[] {
  const isOld = (name: string): boolean => leaving.includes(name) && !holds.old.has(name);
  return arriving.filter((name) => !holds.stage.has(name) && (!holds.target.has(name) || isOld(name)));
}

export interface TableMove {
  readonly from: readonly [schema: string, table: string];
  readonly to: readonly [schema: string, table: string];
}

/**
 * The moves that are still to be made, as one `RENAME TABLE` takes them; empty when all are made. The servers do all
 * moves of such a statement or none, but an engine that is not crash-safe may have been cut off in between.
 *
 * All that leave go first: names of foreign keys are unique in a database, whichever of its tables has them.
 */
export function movesLeft(
  { database, arriving, leaving }: Tables,
  { stage, old }: Pick<SwapJournal, 'stage' | 'old'>,
  holds: TableHoldings,
): readonly TableMove[] {
  const leaves = leaving.filter((name) => !holds.old.has(name) && holds.target.has(name));
  const arrives = arriving.filter((name) => holds.stage.has(name));
  return [
    ...leaves.toSorted().map((name) => ({ from: [database, name], to: [old, name] }) as const),
    ...arrives.toSorted().map((name) => ({ from: [stage, name], to: [database, name] }) as const),
  ];
}

/** The moves that bring all old tables back; those of the backup that stand in their places return to where they were. */
export function movesBack(
  { database }: Pick<SwapScript, 'database'>,
  { stage, old }: Pick<SwapJournal, 'stage' | 'old'>,
  holds: TableHoldings,
): readonly TableMove[] {
  const names = [...holds.old].sort();
  const inTheirPlaces = names.filter((name) => holds.target.has(name));
  return [
    ...inTheirPlaces.map((name) => ({ from: [database, name], to: [stage, name] }) as const),
    ...names.map((name) => ({ from: [old, name], to: [database, name] }) as const),
  ];
}
