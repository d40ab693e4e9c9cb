import type { Destination } from '../backups/record/destination.ts';
import type { Compression } from '../compression/methods.ts';
import type { CreatedBackup } from '../dump/backup-task.ts';
import type { DumpTask, CreatePlan } from '../dump/dump-plan.ts';
import type { DbBackupError } from '../run/errors.ts';
import type { PruneTask } from '../prune/prune-database.ts';
import type { PrunedDatabase } from '../prune/request.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { Skip } from '../sql/definitions/skipped-objects.ts';

export interface CreateRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  readonly databases: readonly string[];
  readonly allDatabases: boolean;
  /** Of all databases: patterns of those that are left out; see `excludeDatabases`. */
  readonly excludeDatabases?: readonly string[];
  readonly label: string;
  readonly compression: Compression;
  readonly destination: Destination;
  /** Accepts a database without tables; with `allDatabases`, one that is known to be empty is accepted anyway. */
  readonly allowEmpty: boolean;
  readonly skip: Skip;
  readonly skipBroken: boolean;
  readonly lockWaitMs: number;
  /** Every database has its job before the first begins, and `accepted` tells all of them. */
  readonly jobsFirst?: boolean;
  /** After a backup succeeded: by which the other backups of its database are pruned. undefined: they are not. */
  readonly prune: PruneRules | undefined;
}

export type PruneRules = Pick<PruneTask, 'policy' | 'timeZone'>;

export type DatabaseRequest = Omit<
  CreateRequest,
  'databases' | 'allDatabases' | 'excludeDatabases' | 'allowEmpty' | 'jobsFirst'
> & {
  readonly database: string;
  /** Part of a run over all databases. */
  readonly isOfAll?: true | undefined;
  readonly allowEmpty: DumpTask['allowEmpty'];
};

/** One entry for every database that was asked for, in that order; after a cancellation there are no more. */
export interface CreateOutcome {
  readonly backups: readonly CreatedBackup[];
  /** A database may be here although its backup was made: pruning it failed. */
  readonly failures: readonly { readonly database: string; readonly error: DbBackupError }[];
  /** What was pruned, of those whose backup was made; undefined: it was not asked for. */
  readonly pruned?: (PruneRules & { readonly databases: readonly PrunedDatabase[] }) | undefined;
}

/** What a dry run tells: one entry for every database that was asked for. */
export interface CreatePlans {
  readonly plans: readonly CreatePlan[];
  readonly failures: CreateOutcome['failures'];
}

/** Called for each database in turn, because several may take hours. */
export interface CreateFollower {
  /** @param place From 1; `of` is 1 when there is no other. */
  begins(database: string, place: { readonly number: number; readonly of: number }): void;
  made(backup: CreatedBackup, pruned: PrunedDatabase | undefined): Promise<void>;
}
