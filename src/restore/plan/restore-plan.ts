import type { BackupState } from '../../backups/record/backup.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import type { ServerIdentity } from '../../server/instance/server-identity.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { DumpRemark } from '../../sql/dump-report.ts';

/** What one restore would do; shown before the confirmation, and by `--dry-run`. */
export interface RestorePlan {
  readonly backup: {
    readonly reference: string;
    readonly path: string;
    readonly database: string | undefined;
    /** Of the databases that a file holds, the one that is restored; undefined: all of the file is of one. */
    readonly fromDatabase?: string | undefined;
    /** RFC 3339, UTC; undefined of a file that dbbackup neither made nor named. */
    readonly startedAt: string | undefined;
    /** Of such a file, what its end line says, by the clock of where it was made. */
    readonly madeAt: string | undefined;
    readonly sizeBytes: number;
    readonly uncompressedBytes: number;
    readonly state: BackupState;
    /** Where it was made; undefined: without a manifest nobody knows. */
    readonly server: Manifest['server'] | undefined;
    /** For certain: not the server that it is restored to. */
    readonly isFromAnotherServer: boolean;
  };
  readonly target: {
    readonly database: string;
    readonly endpoint: string;
    readonly server: ServerIdentity;
    readonly exists: boolean;
    readonly holds: ObjectNames;
    /** Of one that is there and empty, unless only tables are restored: the statement that makes it again with its own defaults. */
    readonly createStatement?: string | undefined;
  };
  /** What the backup brings. */
  readonly brings: ObjectNames;
  /** What only the target has, and is removed; empty with `--keep-extra`. */
  readonly removes: ObjectNames;
  /** What only the target has, and is kept (`--keep-extra`, and what is spared). */
  readonly keeps: ObjectNames;
  /** Of `keeps`: what stays even without `--keep-extra`, because it is in a backup only for being broken. */
  readonly spares: ObjectNames;
  /** `--table`: these alone are replaced; undefined: all. */
  readonly onlyTables: readonly string[] | undefined;
  readonly createsDatabase: boolean;
  /** The confirmation is needed, because the target holds something. */
  readonly needsConfirmation: boolean;
  /** Where the safety backup is made when this login may not write to the backup directory. */
  readonly safetyDirectory?: string | undefined;
  readonly safetyBackup: 'made' | 'not-needed' | 'declined';
  /** `--keep-old`: what is kept of what is replaced; undefined: nothing. */
  readonly keeping?: KeepingPlan | undefined;
  /** `staging`: loaded into a staging schema, then swapped in atomically. */
  readonly method: 'staging' | 'in-place';
  /** Why it is not staging. */
  readonly methodReason: string | undefined;
  readonly loader:
    | { readonly kind: 'parallel'; readonly connections: number }
    /** Through the stock client, statement after statement. */
    | { readonly kind: 'client'; readonly reason: string };
  /** Who loads the rows. */
  readonly loadAccount: LoadAccountPlan;
  /** Statements that no dump program writes and that will be run all the same (`--allow-unsafe`), each shown whole. */
  readonly allowed: readonly DumpRemark[];
  /** How many there are, at most 20. */
  readonly allowedCount: number;
  /** The extra space that a staging schema needs on the server: about this much, plus indexes. */
  readonly stagingBytes: number;
  /** By past restores and the size; undefined when nothing is known. */
  readonly estimatedMs: number | undefined;
  readonly warnings: readonly string[];
}

/** How many connections load rows; a client has one. */
export function loadConnections({ loader }: Pick<RestorePlan, 'loader'>): number {
  return loader.kind === 'parallel' ? loader.connections : 1;
}

/** The previous tables stay on the server. */
export interface KeepingPlan {
  /** From the end of the restore on, in milliseconds. */
  readonly forMs: number;
  /** Size of their rows and indexes, by the server's statistics. */
  readonly sizeBytes: number;
}

/** Who loads the rows. */
export type LoadAccountPlan =
  | { readonly made: true; readonly required: boolean }
  /** The account that the user has given. */
  | {
      readonly made: false;
      readonly reason: string;
      /** What lets an account be made. */
      readonly hint?: string | undefined;
    };
