import type { CommandName } from '../../settings/table/setting.ts';
import type { RunCommand } from '../process/invocation.ts';

interface CommandEntry {
  /** As commander takes it. */
  readonly operands: string;
  readonly summary: string;
  /** More than the summary, for the help of the command. */
  readonly description: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** The command's code is loaded when it runs, never for another command. */
  readonly load: () => Promise<RunCommand>;
}

/** Every command: what help says of it, and where its code is. */
export const COMMANDS: Readonly<Record<CommandName, CommandEntry>> = {
  create: {
    operands: '[database...]',
    summary: 'back up databases',
    description:
      'Backs up each database into the backup directory and prints the absolute path of each backup on stdout. ' +
      'A backup is complete or does not exist.',
    examples: [
      ['dbbackup create shop', 'back up one database'],
      ['dbbackup create -A --compress zstd:6', 'back up all databases, compressed with zstd'],
      ['dbbackup create shop --detach', 'run in the background and print the job id'],
      ['dbbackup create shop --output - | ssh host mysql shop', 'write plain SQL to stdout'],
    ],
    load: async () => (await import('./create.ts')).create,
  },
  restore: {
    operands: '[backup]',
    summary: 'restore a backup',
    description:
      'Restores a backup into the database it came from, or into another with --to. <backup> is shop/latest, latest, ' +
      'shop/manual_2026-11-22_03-00-00, a unique part of a name, a path, or - for stdin. The target is backed up ' +
      'first; the backup is loaded into a staging schema and swapped in atomically. From a file with several databases, --from-database ' +
      'restores one, and --all each into its own.',
    examples: [
      ['dbbackup restore shop/latest', 'show the plan, ask, then restore'],
      ['dbbackup restore dump.sql.gz --to shop_test', 'restore a file into another database'],
      ['dbbackup restore shop/latest --table orders --confirm shop', 'restore one table without a prompt'],
      ['dbbackup restore --resume 7f3a', 'complete or roll back an interrupted restore'],
    ],
    load: async () => (await import('./restore.ts')).restore,
  },
  undo: {
    operands: '[job]',
    summary: 'bring back what a restore replaced',
    description:
      'Undoes a restore: the last one of the database that the connection names, or the one with this job id. Where ' +
      'restore was given --keep-old, the previous tables are swapped back at once, and what they replace is kept in ' +
      'turn, so that undo of an undo is a redo; otherwise the safety backup of the restore is restored.',
    examples: [
      ['dbbackup undo', 'show the plan for the last restore, ask, then undo it'],
      ['dbbackup undo 7f3a --confirm shop', 'undo this restore without a prompt'],
      ['dbbackup undo 7f3a --dry-run', 'show what it would do'],
    ],
    load: async () => (await import('./undo.ts')).undo,
  },
  list: {
    operands: '[database...]',
    summary: 'list backups, newest first',
    description:
      'Lists the backups of the given databases, or of all of them, newest first; with --label those with one label, with ' +
      '--limit the newest of them. Needs no server.',
    examples: [
      ['dbbackup list', 'all backups'],
      ['dbbackup list shop --quiet', 'only names, for scripts'],
      ['dbbackup list --label nightly --limit 7', 'the newest seven with this label'],
      ["dbbackup list --json | jq -r '.backups[].path'", 'the paths of all backups'],
    ],
    load: async () => (await import('./list.ts')).list,
  },
  show: {
    operands: '<backup>',
    summary: 'what a backup holds',
    description:
      'Shows what a backup holds: its tables by size, its stored objects, the server, the options, warnings, the last ' +
      'rehearsal. <backup> is as for restore. Reads the manifest, not the file, and needs no server.',
    examples: [
      ['dbbackup show shop/latest', 'the newest backup of shop'],
      ["dbbackup show shop/latest --json | jq -r '.backup.tables[].name'", 'the names of its tables'],
    ],
    load: async () => (await import('./contents/show.ts')).show,
  },
  diff: {
    operands: '<from> <to>',
    summary: 'what changed between two backups',
    description:
      'Compares two backups: tables that came, went, grew or shrank, definitions, stored objects and defaults that ' +
      'changed. Rows are not compared. Each is given as for restore. Exit code 0 whatever changed. Needs no server.',
    examples: [
      ['dbbackup diff shop/manual_2026-11-22 shop/latest', 'what changed since that backup'],
      [
        "dbbackup diff shop/before shop/latest --json | jq -e '.same'",
        'for scripts: fails when something changed',
      ],
    ],
    load: async () => (await import('./contents/diff.ts')).diff,
  },
  extract: {
    operands: '<backup>',
    summary: 'the SQL of a backup, or of single tables of it',
    description:
      'Writes the SQL of a backup to stdout or into a file, which the mysql or mariadb client loads; with --table only ' +
      'these tables, with their triggers, or views. Of single tables only their parts of the file are read. <backup> is as ' +
      'for restore. Needs no server.',
    examples: [
      [
        'dbbackup extract shop/latest --table orders | mariadb scratch',
        'load one table into another database',
      ],
      ['dbbackup extract shop/latest --schema-only --output schema.sql', 'the definitions, into a file'],
      ['dbbackup extract shop/latest --table orders --data-only | less', 'look at the rows of a table'],
    ],
    load: async () => (await import('./contents/extract.ts')).extract,
  },
  status: {
    operands: '[job]',
    summary: 'what is running, the last backup and restore of each database, recent jobs',
    description:
      'Shows what is running, the last backup and restore of each database, what went wrong, and recent jobs; ' +
      'with a job, that job. Needs no server.',
    examples: [
      ['dbbackup status', 'an overview'],
      ['dbbackup status 7f3a --log', 'one job, by a unique beginning of its id, with its log'],
      ['dbbackup status 7f3a --wait', 'wait for a job and exit with its code'],
      ["dbbackup status --json | jq '.running'", 'what is running, for a monitor'],
    ],
    load: async () => (await import('./status.ts')).status,
  },
  verify: {
    operands: '[backup...]',
    summary: 'check backups; with --rehearse, test-restore them',
    description:
      'Reads every byte of backups and reports what was checked: sha256, decompression, end line, ' +
      'tables of the manifest, and that nothing in them reaches outside of one database. With --rehearse it also loads ' +
      'them into a scratch schema. <backup> is as for restore; without one, the newest backup of each database.',
    examples: [
      ['dbbackup verify', 'the newest backup of each database'],
      ['dbbackup verify shop/latest /mnt/usb/dump.sql.gz', 'these two backups'],
      ['dbbackup verify --all --quiet', 'every backup; print only what is wrong'],
      [
        'dbbackup verify shop/latest --rehearse',
        'load it into a scratch schema, compare, then drop the schema',
      ],
    ],
    load: async () => (await import('./verify.ts')).verify,
  },
  doctor: {
    operands: '[database...]',
    summary: 'check the setup and suggest fixes',
    description:
      'Checks the programs, the connection, the privileges, the server, the backup directory and what interrupted runs ' +
      'left, for the given databases, the one of the connection, or all that the account can see, and prints the files that have ' +
      'cron or systemd back them up every night. Changes nothing. Exit code 1: create or restore would fail.',
    examples: [
      ['dbbackup doctor', 'check every database that the account can see'],
      ['dbbackup doctor shop --quiet', 'print only what is wrong, e.g. before a nightly backup'],
      ["dbbackup doctor --json | jq -r '.findings[].fix[]?'", 'all suggested commands'],
    ],
    load: async () => (await import('./doctor.ts')).doctor,
  },
  health: {
    operands: '[database...]',
    summary: 'check that every database has a recent, complete backup',
    description:
      'Checks the backups of the given databases, or of all that have some, by manifests and job files: age, size against ' +
      'the ones before, the last run, damage, interrupted restores, leftovers, free space; with a threshold also when ' +
      'they were last verified and rehearsed, and copies. Needs no server; with --all-databases it asks one which ' +
      'databases there are. Exit code 23: something is wrong.',
    examples: [
      ['dbbackup health', 'check every database that has backups'],
      [
        'dbbackup health -A --quiet',
        'from cron: also databases that were never backed up; print only what is wrong',
      ],
      ['dbbackup health --format nagios', 'as a plugin of Nagios, Icinga or Checkmk'],
      [
        'dbbackup health --label weekly --max-age 8d --max-rehearsal-age 31d',
        'weekly backups, rehearsed each month',
      ],
    ],
    load: async () => (await import('./health.ts')).health,
  },
  prune: {
    operands: '[database...]',
    summary: 'remove backups by a policy',
    description:
      'Removes the backups that no keep rule keeps, of the given databases or of all that have backups in the backup ' +
      'directory, and says why each one stays. Each label is judged by itself. Always kept: the newest complete ' +
      'backup of a database, the newest rehearsed one, pinned ones, and what has no manifest or a damaged one. Needs ' +
      'no server.',
    examples: [
      [
        'dbbackup prune --keep-daily 7 --keep-weekly 4 --dry-run',
        'show what would go, and why the rest stays',
      ],
      ['dbbackup prune shop --keep-within 14d --keep-monthly 12', 'all of two weeks, and one for each month'],
      ['dbbackup prune --quiet', 'by the rules of the configuration; print only what is removed'],
    ],
    load: async () => (await import('./prune/prune.ts')).prune,
  },
  pin: {
    operands: '[backup]',
    summary: 'keep a backup whatever prune would do',
    description:
      'Marks a backup in its manifest, so that prune keeps it. <backup> is as for restore. Needs no server.',
    examples: [
      ['dbbackup pin shop/latest --reason before-upgrade', 'keep it until the pin is removed'],
      ['dbbackup pin shop/latest --until 2027-01-31', 'keep it to the end of that day'],
      ['dbbackup pin shop/latest --remove', 'let prune decide again'],
    ],
    load: async () => (await import('./prune/pin.ts')).pin,
  },
  completion: {
    operands: '<shell>',
    summary: 'completion for bash, zsh or fish',
    description:
      'Prints a script that has the shell complete commands, flags and their values, databases, backups, jobs and file ' +
      'names when you press Tab. <shell> is bash, zsh or fish. Names come from the backup directory, never from the server.',
    examples: [
      [
        'dbbackup completion bash > ~/.local/share/bash-completion/completions/dbbackup',
        'for bash, with the package bash-completion',
      ],
      ['dbbackup completion zsh > ~/.zfunc/_dbbackup', 'for zsh, with ~/.zfunc in fpath before compinit'],
      ['dbbackup completion fish > ~/.config/fish/completions/dbbackup.fish', 'for fish'],
    ],
    load: async () => (await import('../completion/completion.ts')).completion,
  },
};

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];
