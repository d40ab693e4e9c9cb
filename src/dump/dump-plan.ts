import type { Compression } from '../compression/methods.ts';
import type { Destination } from '../backups/record/destination.ts';
import type { Skip } from '../sql/definitions/skipped-objects.ts';
import type { BrokenObject } from '../sql/definitions/broken-object.ts';
import type { InexactColumn } from '../sql/definitions/inexact-columns.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import type { Connection } from '../server/connect/connection.ts';

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

export interface DumpTask {
  readonly connection: Connection;
  readonly directory: string;
  readonly database: string;
  readonly label: string;
  readonly compression: Compression;
  readonly destination: Destination;
  /** `if-readable`: when the account may read all of the database, so that it is known to be empty. */
  readonly allowEmpty: boolean | 'if-readable';
  readonly skip: Skip;
  /** Leaves out what the server cannot open, by name. */
  readonly skipBroken: boolean;
}
