import type { RowChunk, StoredObjectKind } from '../../sql/script/load-plan.ts';
import type { KnownServer } from '../../server/instance/server-identity.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import type { BrokenObject } from '../../sql/definitions/broken-object.ts';
import type { InexactColumn } from '../../sql/definitions/inexact-columns.ts';
import type { Flavour } from '../../server/connect/flavour.ts';
import type { CompressionMethod } from '../../compression/methods.ts';

export const MANIFEST_SCHEMA = 'dbbackup/manifest/1';

/** What a backup holds, and the proof of it. Fields are only ever added. Never a password, never row data. */
export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** The backup's name without extension: `manual_2026-11-22_03-00-00`. */
  readonly name: string;
  readonly label: string;
  readonly database: string;
  /** Id of the job that made it. */
  readonly job: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly file: ManifestFile;
  /** Where it was made; for a safety backup, the server to restore it to. */
  readonly server: KnownServer & { readonly flavour: Flavour; readonly version: string };
  readonly tool: { readonly program: string; readonly version: string; readonly dbbackupVersion: string };
  readonly charset: string;
  readonly collation: string;
  readonly tables: readonly ManifestTable[];
  readonly counts: ObjectCounts;
  /** Size of the rows on the server, by its statistics; with the dump's size it predicts the size of the next one. */
  readonly dataLengthBytes: number;
  /** The longest statement of the dump: a server with a smaller max_allowed_packet cannot load it. */
  readonly longestStatementBytes: number;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly warnings: readonly string[];
  /** Set when not every restore method is possible, whatever the target contains. */
  readonly restoreOnly?: RestoreOnly | undefined;
  /**
   * Jobs of interrupted restores in place whose target this is a backup of: it may be partly restored. Absent when
   * there were none.
   */
  readonly madeFromInterrupted?: readonly string[] | undefined;
  /** FLOAT columns with values that the dump rounds; absent when there are none. */
  readonly inexactColumns?: readonly InexactColumn[] | undefined;
  /** What `--skip-broken` left out, because the server could not open it; absent when there was nothing. */
  readonly skippedBroken?: readonly BrokenObject[] | undefined;
  /** sha256 of the server's description of each view, routine, trigger and event (`procedure add_order`). */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** Privileges on single routines, which are not in the dump. undefined: our account may not read them. */
  readonly routineGrants?: readonly RoutineGrant[] | undefined;
  /** sha256 of what each view selects, as SHOW CREATE says it. undefined: made by an earlier release. */
  readonly storedObjects?: readonly StoredObjectDigest[] | undefined;
  /** The last one that ended, whatever its outcome. */
  readonly rehearsal?: Rehearsal | undefined;
  /** The last time that it was read to its end, and what came of it; a rehearsal, which begins with that, is apart. */
  readonly verification?: RecordedVerification | undefined;
  /** Where else it lies. */
  readonly copies?: readonly BackupCopy[] | undefined;
  /** `prune` keeps it. Absent: the rules decide. */
  readonly pin?: Pin | undefined;
}

/** The outcome of reading a backup to its end. */
export interface RecordedVerification {
  /** When it had been read. RFC 3339, UTC. */
  readonly at: string;
  readonly ok: boolean;
  /** What was wrong, in a sentence. */
  readonly problem?: string | undefined;
}

/** A copy of the backup in another place. */
export interface BackupCopy {
  readonly where: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** A mark that keeps a backup whatever the rules of `prune` say. */
export interface Pin {
  /** When it was set. RFC 3339, UTC. */
  readonly at: string;
  /** It holds until then; absent: until it is removed. */
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
}

export interface StoredObjectDigest {
  /** Current releases keep those of views. */
  readonly kind: StoredObjectKind;
  readonly name: string;
  readonly sha256: string;
}

/** The only way in which a backup can be restored. */
export interface RestoreOnly {
  readonly method: 'in-place';
  /** Why; a clause. */
  readonly reason: string;
}

/** The outcome of loading the backup into a scratch schema and comparing the two. */
export interface Rehearsal {
  /** When it began. RFC 3339, UTC. */
  readonly at: string;
  readonly job: string;
  /** Load and checks, as in a restore; up to the failure, if it failed. */
  readonly durationMs: number;
  readonly ok: boolean;
  readonly server: { readonly flavour: Flavour; readonly version: string };
  readonly tables: number;
  /** In all tables, as counted on the server; only of one that succeeded. */
  readonly rows?: number | undefined;
  /** What was wrong, in a sentence. */
  readonly problem?: string | undefined;
}

export interface ManifestFile {
  /** File name without folder. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Lower-case hex, of the file as it is on disk. */
  readonly sha256: string;
  readonly compression: CompressionMethod;
  readonly uncompressedBytes: number;
}

export interface ManifestTable {
  readonly name: string;
  readonly engine: string;
  /** Bytes of SQL in the table's section. */
  readonly uncompressedBytes: number;
  /**
   * Where its section can be read from in the file: for gzip the first byte of a member, for zstd of a frame. null for
   * zstd of earlier releases, which is one stream.
   */
  readonly offsetBytes: number | null;
  /** So much text of other tables comes first there; absent for none. */
  readonly skipBytes?: number | undefined;
  /**
   * Of a large table, one behind the other: its INSERTs but for the first ones. Absent for small tables, in backups of
   * earlier releases, and where the rows are not in one piece.
   */
  readonly chunks?: readonly RowChunk[] | undefined;
}

export interface ObjectCounts {
  readonly views: number;
  readonly routines: number;
  readonly triggers: number;
  readonly events: number;
}
