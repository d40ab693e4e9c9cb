/** The commands that a setting belongs to; `general` ones belong to all. */
export type CommandName =
  | 'create'
  | 'restore'
  | 'undo'
  | 'list'
  | 'show'
  | 'diff'
  | 'extract'
  | 'status'
  | 'verify'
  | 'doctor'
  | 'health'
  | 'prune'
  | 'pin'
  | 'completion';

/**
 * One row per setting. The parser, the resolver, `--help` and docs/settings.md all come from here.
 *
 * A value is looked for as flag, then environment variable, then (`key`) in the `[dbbackup]` group of the MySQL
 * option files, then the default. Connection settings have further sources: see docs/connection.md.
 */
export interface Setting {
  /** Name in the `[dbbackup]` group of an option file, and, in camel case, in the library. */
  readonly key: string;
  /** As commander takes it: `-H, --host <name>`. */
  readonly flags: string;
  readonly env?: string;
  /** Also read from the file that `<env>_FILE` names. */
  readonly envFile?: boolean;
  /** Shown in help; applied where the setting is resolved. */
  readonly default?: string;
  readonly help: string;
  readonly commands: 'all' | 'connecting' | readonly CommandName[];
  /** May be given several times; the values add up. */
  readonly repeatable?: boolean;
  /** Only a flag: makes no sense in a file or an environment. */
  readonly flagOnly?: boolean;
  /** Takes a value, or none. */
  readonly optionalValue?: boolean;
  /** Its value may hold a token: it is never shown, and never among the arguments of a process that we start. */
  readonly secret?: boolean;
  /** All that it may be, or the beginnings of it, where that is a set: completion offers them. */
  readonly choices?: readonly string[];
  /** Takes no value. */
  readonly switch?: boolean;
}
