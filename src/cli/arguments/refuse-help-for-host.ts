import { DbBackupError } from '../../run/errors.ts';
import { COMMAND_NAMES } from '../commands/command-table.ts';
import { beforeSeparator, SWITCH_LETTERS } from './refuse-password-arguments.ts';
import { shownCommand } from '../render/shown-command.ts';

/** `-hlocalhost`, but not `-hq`, where another switch follows. */
const ATTACHED_TO_H = new RegExp(`^-h(?![hV${SWITCH_LETTERS}]*$)(.+)$`);

/**
 * Refuses `-h <host>`, which users of the mysql client type by habit: taken as a request for help it would exit 0
 * without making the backup.
 *
 * @throws {DbBackupError} `usage`, with the command line as it was meant.
 */
export function refuseHelpForHost(argv: readonly string[]): void {
  const options = beforeSeparator(argv);
  for (const [index, argument] of options.entries()) {
    const hasCommand = options.slice(0, index).some(isCommand);
    const [, attached] = ATTACHED_TO_H.exec(argument) ?? [];
    const host = attached ?? (argument === '-h' ? hostIn(options[index + 1], hasCommand) : undefined);
    if (host === undefined) continue;
    const before = argv.slice(0, index);
    const after = argv.slice(index + (attached === undefined ? 2 : 1));
    const meant = ['-H', host];
    throw new DbBackupError('usage', '-h means help, not the host.', {
      // Options of a command stand after it.
      hint: `Use -H for the host: ${hasCommand ? shownCommand([...before, ...meant, ...after]) : shownCommand([...before, ...after], meant)}`,
    });
  }
}

/** `dbbackup -h create` asks for the help of a command. */
function hostIn(next: string | undefined, hasCommand: boolean): string | undefined {
  if (next === undefined || next.startsWith('-')) return undefined;
  return !hasCommand && isCommand(next) ? undefined : next;
}

function isCommand(word: string): boolean {
  return (COMMAND_NAMES as readonly string[]).includes(word);
}
