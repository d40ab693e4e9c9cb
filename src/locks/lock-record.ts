import type { ProcessIdentity } from './process-identity.ts';

export const LOCK_SCHEMA = 'dbbackup/lock/1';

/** What a lock is held for. */
export const LOCKED_FOR = ['create', 'restore', 'prune', 'pin', 'verify'] as const;
export type LockedFor = (typeof LOCKED_FOR)[number];

/** Who holds a database, as recorded in the lock file. */
export interface LockRecord {
  readonly schema: typeof LOCK_SCHEMA;
  /** Unique among all locks ever taken. */
  readonly token: string;
  readonly job: string;
  readonly operation: LockedFor;
  readonly database: string;
  readonly command: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly process: ProcessIdentity;
  /** Programs that write to the server and may outlive the run that started them. */
  readonly children: readonly {
    readonly program: string;
    readonly pid: number;
    readonly startTime: string;
  }[];
}
