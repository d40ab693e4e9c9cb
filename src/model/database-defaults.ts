/** A database's own charset and collation, which tables and routines take unless they say otherwise. */
export interface DatabaseDefaults {
  readonly charset: string;
  readonly collation: string;
}
