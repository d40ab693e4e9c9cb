import type { Backup } from '../backups/record/backup.ts';
import type { DbBackupError } from '../run/errors.ts';
import type { Policy } from './policy.ts';
import type { Kept } from './reason.ts';

export interface PruneRequest {
  /** The backup directory, absolute. */
  readonly directory: string;
  /** None: all that have backups there. */
  readonly databases: readonly string[];
  readonly policy: Policy;
  /** By which days, weeks and months begin: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Only tells what it would do; takes no lock. */
  readonly dryRun: boolean;
  /** How long to wait for another run on the same database. */
  readonly lockWaitMs: number;
}

/** What was done to the backups of one database, or would be. Newest first. */
export interface PrunedDatabase {
  readonly database: string;
  readonly kept: readonly Kept<Backup>[];
  /** Those that are gone; after a failure others of the plan may still be there. */
  readonly removed: readonly Backup[];
  readonly freedBytes: number;
}

export interface PruneOutcome {
  readonly policy: Policy;
  readonly timeZone: string;
  readonly databases: readonly PrunedDatabase[];
  /** A database may be in both lists: some were removed before something failed. After a cancellation, which is the last, there are no more. */
  readonly failures: readonly { readonly database: string; readonly error: DbBackupError }[];
}

/** Called for each database in turn. */
export interface PruneFollower {
  begins(database: string): void;
}
