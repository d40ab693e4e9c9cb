import type { CommanderError } from 'commander';
import { DbBackupError } from '../model/errors.ts';
import { COMMAND_NAMES } from './commands.ts';

/** Commander's complaint in our words and our shape: exit 2, the near name or the command's help as hint. */
export function usageError(complaint: CommanderError, argv: readonly string[]): DbBackupError {
  const [, text = complaint.message, near] =
    /^error: (.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(complaint.message) ?? [];
  return new DbBackupError('usage', sentence(withoutValues(text)), {
    hint: near === undefined ? helpHint(complaint, argv) : `did you mean ${near}?`,
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

function helpHint(complaint: CommanderError, argv: readonly string[]): string {
  const command = COMMAND_NAMES.find((name) => argv.includes(name));
  if (command === undefined) return 'dbbackup --help lists the commands and options';
  const first = argv.findIndex((argument) => !argument.startsWith('-'));
  if (complaint.code === 'commander.unknownOption' && argv[first] !== command) {
    return `options of a command stand after it: dbbackup ${command} …; dbbackup ${command} --help lists them`;
  }
  if (complaint.code === 'commander.missingArgument' && command === 'restore') {
    return 'dbbackup restore latest, or dbbackup list to see the backups';
  }
  return `dbbackup ${command} --help`;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
}
