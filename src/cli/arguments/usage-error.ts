import type { CommanderError } from 'commander';
import { sentence } from '../../run/sentence.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { COMMAND_NAMES } from '../commands/command-table.ts';
import {
  groupOf,
  SETTING_ROWS,
  settingsOf,
  type SettingRow,
} from '../../settings/table/settings-of-command.ts';

/** Commander's complaint in our words and our shape: exit 2, the near name or the command's help as hint. */
export function usageError(complaint: CommanderError, argv: readonly string[]): DbBackupError {
  const [, text = complaint.message, near] =
    /^error: (.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(complaint.message) ?? [];
  return new DbBackupError('usage', sentence(capitalized(withoutValues(text))), {
    hint: hintFor(complaint, argv) ?? (near === undefined ? helpHint(argv) : `did you mean ${near}?`),
  });
}

/** There were options, but nothing to do. */
export function noCommandError(): DbBackupError {
  return new DbBackupError('usage', 'No command given.', { hint: "run 'dbbackup --help' for the commands" });
}

/**
 * `--passwd=secret` → `--passwd`, `-xsecret` → `-x`: what follows an unknown option may be anything, even a secret.
 */
function withoutValues(text: string): string {
  return text.replace(
    /^(unknown option) '(--[^=']*|-[^-]).*'$/s,
    (_, what: string, flag: string) => `${what} ${flag}`,
  );
}

/** What other tools call what our commands do. */
const OTHER_WORDS: Readonly<Record<string, CommandName>> = {
  backup: 'create',
  dump: 'create',
  export: 'create',
  save: 'create',
  import: 'restore',
  load: 'restore',
  recover: 'restore',
  revert: 'undo',
  rollback: 'undo',
  redo: 'undo',
  backups: 'list',
  ls: 'list',
  describe: 'show',
  inspect: 'show',
  info: 'status',
  jobs: 'status',
  check: 'verify',
  test: 'verify',
  forget: 'prune',
  expire: 'prune',
  rotate: 'prune',
  purge: 'prune',
  delete: 'prune',
  rm: 'prune',
  hold: 'pin',
  protect: 'pin',
};

/** Flags by which other tools are told yes. */
const YES = /^(unknown option) '?(-y|--yes|-f|--force)\b/;

/** The hint for this particular mistake. */
function hintFor({ code, message }: CommanderError, argv: readonly string[]): string | undefined {
  const command = commandIn(argv);
  const first = argv.find((argument) => !argument.startsWith('-')) ?? '';
  switch (code) {
    case 'commander.unknownCommand': {
      if (command !== undefined) return `the command comes first: dbbackup ${command} …`;
      const meant = OTHER_WORDS[first];
      return meant && `did you mean ${meant}?`;
    }
    case 'commander.unknownOption':
      if (command === 'restore' && YES.test(message.replace(/^error: /, '')))
        return 'confirm a restore with the name of its target: --confirm <database>';
      if (command !== undefined && first !== command)
        return `put the options of a command after it: dbbackup ${command} …; for a list, run dbbackup ${command} --help`;
      return command && hintForOthersOption(command, message);
    default:
      return undefined;
  }
}

/** Options of other commands, which users of those may type here, too. */
function hintForOthersOption(command: CommandName, message: string): string | undefined {
  const flag = /'(--[^=']*|-[^-])/.exec(message)?.[1];
  const isOf = (row: SettingRow): boolean => row.flags.split(/[ ,]+/).includes(flag ?? '');
  const row = SETTING_ROWS.find(isOf);
  if (row === undefined) return undefined;
  if (groupOf(row) === 'connection') return `leave it out: ${command} needs no server`;
  const others = COMMAND_NAMES.filter((name) => settingsOf(name).some(isOf));
  return `it is an option of ${others.join(', ')}; see dbbackup ${command} --help`;
}

function helpHint(argv: readonly string[]): string {
  const command = commandIn(argv);
  return command === undefined
    ? "run 'dbbackup --help' for the commands and options"
    : `dbbackup ${command} --help`;
}

function commandIn(argv: readonly string[]): CommandName | undefined {
  return COMMAND_NAMES.find((name) => argv.includes(name));
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
