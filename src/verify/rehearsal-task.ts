import type { BackupFile } from '../backups/read/backup-file.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';
import type { Backup } from '../backups/record/backup.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { LoadAccountNote } from '../restore/load/load-account.ts';
import type { LoadAccountMode } from '../server/change/load-account-mode.ts';
import type { LoadPlan } from '../sql/script/load-plan.ts';

export interface RehearseRequest {
  readonly connection: Connection;
  /** The backup directory. */
  readonly directory: string;
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
  /** How many connections load. */
  readonly connections: number;
  readonly loadAccount: LoadAccountMode;
  /** As in `RestoreRequest`. */
  readonly sameServer: readonly string[];
}

/** A backup as it is loaded: its statements in parts, and the job that loads it. */
export interface Task extends RehearseRequest {
  /** The backup directory; `directory` is another where this run may only read it. */
  readonly named: string;
  readonly script: LoadPlan;
  readonly job: string;
  readonly stage: string;
  readonly noteLoadAccount: LoadAccountNote;
}
