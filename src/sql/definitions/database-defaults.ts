/**
 * A database's own charset and collation, which tables and routines take unless they say otherwise. The one goes with the
 * other where it is given alone.
 */
export interface DatabaseDefaults {
  readonly charset?: string;
  readonly collation?: string;
}
