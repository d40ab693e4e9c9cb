import type { CommanderError } from 'commander';
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
  return new DbBackupError('usage', sentence(withoutValues(text)), {
    hint: hintFor(complaint, argv) ?? (near === undefined ? helpHint(argv) : `did you mean ${near}?`),
  });
}

/** There were options, but nothing to do. */
export function noCommandError(): DbBackupError {
  return new DbBackupError('usage', 'No command given.', { hint: 'dbbackup --help lists the commands' });
}

/** `--passwd=secret` → `--passwd`, `-xsecret` → `-x`: what hangs on an unknown option may be anything. */
function withoutValues(text: string): string {
  return text.replace(
    /^(unknown option) '(--[^=']*|-[^-]).*'$/s,
    (_, what: string, flag: string) => `${what} ${flag}`,
  );
}

/** Words that other tools have for what our commands do. */
const OTHER_WORDS: Readonly<Record<string, CommandName>> = {
  backup: 'create',
  dump: 'create',
  export: 'create',
  save: 'create',
  import: 'restore',
  load: 'restore',
  recover: 'restore',
  backups: 'list',
  ls: 'list',
  show: 'list',
  info: 'status',
  jobs: 'status',
  check: 'verify',
  test: 'verify',
};

/** What other tools' answers to a question are. */
const YES = /^(unknown option) '?(-y|--yes|-f|--force)\b/;

/** What this mistake in particular wants. */
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
        return 'a restore is confirmed by the name of its target: --confirm <database>';
      if (command !== undefined && first !== command)
        return `options of a command stand after it: dbbackup ${command} …; dbbackup ${command} --help lists them`;
      return command && hintForOthersOption(command, message);
    default:
      return undefined;
  }
}

/** What other commands take: one who has typed their options all day may well give them to this one. */
function hintForOthersOption(command: CommandName, message: string): string | undefined {
  const flag = /'(--[^=']*|-[^-])/.exec(message)?.[1];
  const isOf = (row: SettingRow): boolean => row.flags.split(/[ ,]+/).includes(flag ?? '');
  const row = SETTING_ROWS.find(isOf);
  if (row === undefined) return undefined;
  if (groupOf(row) === 'connection') return `leave it out: ${command} needs no server`;
  const others = COMMAND_NAMES.filter((name) => settingsOf(name).some(isOf));
  return `it is an option of ${others.join(', ')}; dbbackup ${command} --help`;
}

function helpHint(argv: readonly string[]): string {
  const command = commandIn(argv);
  return command === undefined
    ? 'dbbackup --help lists the commands and options'
    : `dbbackup ${command} --help`;
}

function commandIn(argv: readonly string[]): CommandName | undefined {
  return COMMAND_NAMES.find((name) => argv.includes(name));
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
}
