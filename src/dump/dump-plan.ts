import type { BrokenObject } from '../sql/definitions/broken-object.ts';
import type { InexactColumn } from '../sql/definitions/inexact-columns.ts';
import type { CompressionMethod, Flavour } from '../backups/record/manifest.ts';

export interface Compression {
  readonly method: CompressionMethod;
  /** undefined for none. */
  readonly level: number | undefined;
}

/** Where the dump goes: a named backup in the backup directory, a file of the user's choosing, or stdout. */
export type Destination =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };

/** What of a database a backup leaves out. */
export interface Skip {
  readonly routines: boolean;
  readonly events: boolean;
  readonly triggers: boolean;
}

export const NOTHING_SKIPPED: Skip = { routines: false, events: false, triggers: false };

/** What one create would do; `--dry-run` shows this very value. */
export interface CreatePlan {
  readonly database: string;
  /** Absolute path of the file to be, with `<time>` for a name not yet taken; `-` for stdout. */
  readonly path: string;
  readonly compression: Compression;
  readonly server: {
    readonly flavour: Flavour;
    readonly version: string;
    /** As it is reached. */
    readonly endpoint: string;
    /** Its own: `db1:3306`. */
    readonly name?: string | undefined;
  };
  /** The dump tool and its arguments; holds no secret. */
  readonly program: string;
  readonly programVersion: string;
  readonly arguments: readonly string[];
  readonly tables: number;
  readonly views: number;
  readonly routines: number;
  readonly triggers: number;
  readonly events: number;
  /** Of data on the server, by its statistics. */
  readonly estimatedBytes: number;
  /** FLOAT columns with values of more digits than a dump has. */
  readonly inexactColumns: readonly InexactColumn[];
  /** What `--skip-broken` leaves out. */
  readonly skippedBroken: readonly BrokenObject[];
  readonly warnings: readonly string[];
}
