import { shellWord } from './shell-command.ts';

/**
 * A command for the user to type, as a POSIX shell takes it. An operand that looks like an option, such as a database
 * called `-x`, follows a `--`.
 *
 * @param program How dbbackup was started: `npx dbbackup`.
 */
export function commandText(
  command: string,
  operands: readonly string[],
  options: readonly string[] = [],
  program = 'dbbackup',
): string {
  const isClear = operands.every((operand) => operand === '-' || !operand.startsWith('-'));
  const words = isClear ? [...operands, ...options] : [...options, '--', ...operands];
  return [program, ...[command, ...words].map(shellWord)].join(' ');
}

/**
 * The same for a backup directory.
 *
 * @param directory Absolute and always given: the user may be in another directory when typing the command.
 */
export function furtherCommand(
  directory: string,
  command: string,
  operands: readonly string[],
  options: readonly string[] = [],
  program?: string,
): string {
  return commandText(command, operands, [...options, '--dir', directory], program);
}

/** Makes further commands for the same backup directory and server. */
export type CommandHere = (
  command: string,
  operands: readonly string[],
  options?: readonly string[],
) => string;
