/**
 * How far a restore through a staging schema has come. Each step is written before it begins, so that it is known how
 * far a run that died may have come.
 *
 * - `staging`: the staging schema is being filled, or dropped again; nothing of the target has changed.
 * - `swapping`: triggers of the target are dropped, then all tables change places in one statement.
 * - `finishing`: the tables are the backup's; views, routines, triggers and events follow.
 * - `saving`: the target is the backup; what others wrote since the safety backup began is taken into it from the
 *   previous tables.
 * - `clearing`: the target is the backup; its previous tables are being dropped.
 */
export const SWAP_STEPS = ['staging', 'swapping', 'finishing', 'saving', 'clearing'] as const;
export type SwapStep = (typeof SWAP_STEPS)[number];

/** The safety backup of a restore through a staging schema, and what may take its place. */
export interface SafetyJournal {
  /** The backup's file, as it is first made. */
  readonly path: string;
  /** See `SnapshotTime`. undefined: any table may have been written to. */
  readonly settledBefore?: number | undefined;
  /** The name and time of the backup that takes its place if others write late, and what brings it back. */
  readonly renewed: {
    readonly name: string;
    /** RFC 3339, UTC. */
    readonly at: string;
    readonly returnCommand?: string | undefined;
  };
  /** The first one is not needed any more. */
  readonly isReplaced?: boolean | undefined;
}

/** The journal of a swap, in the job's state file until the swap is over. */
export interface SwapJournal {
  readonly step: SwapStep;
  /** The schema that is filled from the backup. */
  readonly stage: string;
  /** The schema that the tables of the target move to. */
  readonly old: string;
  /** Brings back the target's previous contents. undefined: it was empty, or the user wanted no safety backup. */
  readonly returnCommand?: string | undefined;
  /** undefined: not made yet, or none; written by release 0.1.0, it is always undefined. */
  readonly safety?: SafetyJournal | undefined;
  /** How long the old tables stay when it is over, in milliseconds. undefined: they are dropped. */
  readonly keepMs?: number | undefined;
  /** An undo of this restore: `stage` holds its old tables, and they stay if it is rolled back. */
  readonly undoes?: string | undefined;
  /** Completes it or rolls it back, on the server that it runs on. undefined: written by an earlier release. */
  readonly resumeCommand?: string | undefined;
  /** The server, as the run reaches it. */
  readonly endpoint?: string | undefined;
  /** Its identity: where neither schema exists, it may be another server. undefined: written by release 0.1.0. */
  readonly server?: string | undefined;
}
