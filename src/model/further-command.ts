import { shellWord } from './shell-word.ts';

/**
 * A command that a message tells to type, for the same backup directory.
 *
 * @param directory Absolute and always said: whoever reads the message may stand in another folder.
 */
export function furtherCommand(directory: string, ...words: readonly string[]): string {
  return ['dbbackup', ...words, '--dir', directory].map(shellWord).join(' ');
}
