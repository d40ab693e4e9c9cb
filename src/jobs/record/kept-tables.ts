/**
 * The previous tables of a restore, which stay on the server for a while (`--keep-old`), in the schema that the swap of
 * the job moved them to: see `scratchSchemas`.
 */
export interface KeptTables {
  /** RFC 3339, UTC. The next create or restore of the database after that removes them. */
  readonly until: string;
  /** How long that is from the restore on, in milliseconds. */
  readonly forMs: number;
  /** Size of their rows and indexes on the server, by its statistics. */
  readonly sizeBytes: number;
  /** The server, as the run reached it. */
  readonly endpoint?: string | undefined;
  /** Its identity; undefined where it has none. */
  readonly server?: string | undefined;
}
