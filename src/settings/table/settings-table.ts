/** The commands that a setting belongs to; `general` ones belong to all. */
export type CommandName = 'create' | 'restore' | 'list' | 'status' | 'verify' | 'doctor';

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
  /** Shown in help; applied by whoever resolves the setting. */
  readonly default?: string;
  readonly help: string;
  readonly commands: 'all' | 'connecting' | readonly CommandName[];
  /** May be given several times; the values add up. */
  readonly repeatable?: boolean;
  /** Only a flag: makes no sense in a file or an environment. */
  readonly flagOnly?: boolean;
  /** Takes no value. */
  readonly switch?: boolean;
}

export const SETTINGS = [
  {
    key: 'dir',
    flags: '--dir <folder>',
    env: 'DBBACKUP_DIR',
    default: './backups',
    help: 'backup directory',
    commands: 'all',
  },
  {
    key: 'json',
    flags: '--json',
    help: 'print one JSON document on stdout',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'quiet',
    flags: '-q, --quiet',
    help: 'nothing but errors and warnings on stderr; results are printed all the same',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'verbose',
    flags: '-v, --verbose',
    help: 'say more: where each setting came from, each step',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'no-color',
    flags: '--no-color',
    env: 'NO_COLOR',
    help: 'no colours',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'no-input',
    flags: '--no-input',
    help: 'never ask anything',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },

  {
    key: 'host',
    flags: '-H, --host <name>',
    env: 'DBBACKUP_HOST',
    default: 'localhost (the local socket)',
    help: 'server host name or address',
    commands: 'connecting',
  },
  {
    key: 'port',
    flags: '-P, --port <number>',
    env: 'DBBACKUP_PORT',
    default: '3306',
    help: 'server TCP port',
    commands: 'connecting',
  },
  {
    key: 'socket',
    flags: '-S, --socket <path>',
    env: 'DBBACKUP_SOCKET',
    help: 'server socket file',
    commands: 'connecting',
  },
  {
    key: 'user',
    flags: '-u, --user <name>',
    env: 'DBBACKUP_USER',
    default: 'your login name',
    help: 'user name on the server',
    commands: 'connecting',
  },
  {
    key: 'ask-password',
    flags: '-p, --ask-password',
    help: 'ask for the password on the terminal',
    commands: 'connecting',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'password',
    flags: '',
    env: 'DBBACKUP_PASSWORD',
    envFile: true,
    help: 'password (never a flag: other users would see it)',
    commands: 'connecting',
  },
  {
    key: 'password-file',
    flags: '--password-file <file>',
    help: 'read the password from a file',
    commands: 'connecting',
  },
  {
    key: 'url',
    flags: '--url <url>',
    env: 'DBBACKUP_URL',
    envFile: true,
    help: 'mysql://user@host:port/database',
    commands: 'connecting',
  },
  {
    key: 'defaults-file',
    flags: '--defaults-file <file>',
    env: 'DBBACKUP_DEFAULTS_FILE',
    help: 'read only this MySQL option file',
    commands: 'all',
  },
  {
    key: 'defaults-extra-file',
    flags: '--defaults-extra-file <file>',
    env: 'DBBACKUP_DEFAULTS_EXTRA_FILE',
    help: 'read this option file after the global ones',
    commands: 'all',
  },
  {
    key: 'defaults-group-suffix',
    flags: '--defaults-group-suffix <suffix>',
    env: 'DBBACKUP_DEFAULTS_GROUP_SUFFIX',
    help: 'also read option groups with this suffix',
    commands: 'all',
  },
  {
    key: 'ssl-mode',
    flags: '--ssl-mode <mode>',
    env: 'DBBACKUP_SSL_MODE',
    default: 'PREFERRED',
    help: 'DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY',
    commands: 'connecting',
  },
  {
    key: 'ssl-ca',
    flags: '--ssl-ca <file>',
    env: 'DBBACKUP_SSL_CA',
    help: 'certificate authorities to trust (PEM)',
    commands: 'connecting',
  },
  {
    key: 'ssl-cert',
    flags: '--ssl-cert <file>',
    env: 'DBBACKUP_SSL_CERT',
    help: 'client certificate (PEM)',
    commands: 'connecting',
  },
  {
    key: 'ssl-key',
    flags: '--ssl-key <file>',
    env: 'DBBACKUP_SSL_KEY',
    help: "client certificate's key (PEM)",
    commands: 'connecting',
  },

  {
    key: 'all-databases',
    flags: '-A, --all-databases',
    help: 'every database but the system schemas',
    commands: ['create'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'label',
    flags: '--label <name>',
    env: 'DBBACKUP_LABEL',
    default: 'manual',
    help: "first part of the backup's name",
    commands: ['create'],
  },
  {
    key: 'compress',
    flags: '--compress <method>',
    env: 'DBBACKUP_COMPRESS',
    default: 'gzip',
    help: 'none, gzip[:1-9] or zstd[:1-19]',
    commands: ['create'],
  },
  {
    key: 'output',
    flags: '--output <file>',
    help: 'write to this file, or to stdout with -, instead of the backup directory',
    commands: ['create'],
    flagOnly: true,
  },
  {
    key: 'allow-empty',
    flags: '--allow-empty',
    help: 'accept an empty database',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-routines',
    flags: '--skip-routines',
    help: 'leave procedures and functions out',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-events',
    flags: '--skip-events',
    help: 'leave events out',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-triggers',
    flags: '--skip-triggers',
    help: 'leave triggers out',
    commands: ['create'],
    switch: true,
  },

  {
    key: 'skip-broken',
    flags: '--skip-broken',
    help: 'leave out, by name, tables and views that the server cannot open',
    commands: ['create', 'restore'],
    switch: true,
  },

  {
    key: 'to',
    flags: '--to <database>',
    help: 'restore into this database instead of the one the backup came from',
    commands: ['restore'],
    flagOnly: true,
  },
  {
    key: 'from-database',
    flags: '--from-database <name>',
    help: 'restore only this database of a file that holds several',
    commands: ['restore'],
    flagOnly: true,
  },
  {
    key: 'confirm',
    flags: '--confirm <database>',
    help: "the target's name (with --all a,b,…), instead of typing it at the prompt",
    commands: ['restore'],
    flagOnly: true,
  },
  {
    key: 'keep-extra',
    flags: '--keep-extra',
    help: 'keep what the target has and the backup does not',
    commands: ['restore'],
    switch: true,
  },
  {
    key: 'table',
    flags: '--table <name>',
    help: 'restore only this table; may be given several times',
    commands: ['restore'],
    repeatable: true,
    flagOnly: true,
  },
  {
    key: 'in-place',
    flags: '--in-place',
    help: 'restore into the tables that are there, not beside them',
    commands: ['restore'],
    switch: true,
  },
  {
    key: 'jobs',
    flags: '--jobs <number>',
    env: 'DBBACKUP_JOBS',
    default: 'one for each core, at most 8',
    help: 'connections that load',
    commands: ['restore', 'verify'],
  },
  {
    key: 'resume',
    flags: '--resume <job>',
    help: 'finish a restore that was cut off, or take it back',
    commands: ['restore'],
    flagOnly: true,
  },
  {
    key: 'no-safety-backup',
    flags: '--no-safety-backup',
    help: 'make no safety backup of the target first',
    commands: ['restore'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'allow-incomplete',
    flags: '--allow-incomplete',
    help: "take a file without the dump tool's end line",
    commands: ['restore', 'verify'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'from-other-server',
    flags: '--from-other-server',
    help: 'take a safety backup (pre-restore) that was made on another server',
    commands: ['restore'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'skip-accounts',
    flags: '--skip-accounts',
    help: 'leave users and grants of a file out, instead of refusing it',
    commands: ['restore', 'verify'],
    switch: true,
    flagOnly: true,
  },

  {
    key: 'detach',
    flags: '--detach',
    help: 'print the job and go: it runs on without the terminal, for 10 minutes unless --timeout is given',
    commands: ['create', 'restore'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'timeout',
    flags: '--timeout <duration>',
    env: 'DBBACKUP_TIMEOUT',
    default: 'none; detached: 10m',
    help: 'give up after this long, e.g. 90s, 30m',
    commands: ['create', 'restore', 'verify'],
  },
  {
    key: 'lock-wait',
    flags: '--lock-wait <duration>',
    env: 'DBBACKUP_LOCK_WAIT',
    default: '0',
    help: 'wait this long for another run to end',
    commands: ['create', 'restore'],
  },
  {
    key: 'dry-run',
    flags: '--dry-run',
    help: 'show what would be done, and do nothing',
    commands: ['create', 'restore'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'log',
    flags: '--log',
    help: "show the job's log, and follow it while the job runs",
    commands: ['status'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'wait',
    flags: '--wait',
    help: 'wait for the job, and exit as it exits',
    commands: ['status'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'cancel',
    flags: '--cancel',
    help: 'end the job as Ctrl-C does, and wait for its end',
    commands: ['status'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'all',
    flags: '--all',
    help: 'restore: each database of the file into its own; verify: all backups',
    commands: ['restore', 'verify'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'rehearse',
    flags: '--rehearse',
    help: 'load them into a scratch schema as well, and compare',
    commands: ['verify'],
    switch: true,
    flagOnly: true,
  },
] as const satisfies readonly Setting[];

export type SettingKey = (typeof SETTINGS)[number]['key'];

/** What the command line gave, by setting key: text, or true for a switch. Absent: not given. */
export type FlagValues = Readonly<Partial<Record<SettingKey, string | true>>>;
