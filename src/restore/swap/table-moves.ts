import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { SwapScript } from './swap-script.ts';

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
 * moves of such a statement or none, but an engine that is not crash-safe may have been interrupted in between.
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

/**
 * The moves that bring all old tables back; those of the backup that stand in their places return to where they were.
 */
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
